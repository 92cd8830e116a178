/** How the pods of a spot instance leave it after EC2's notice: within two minutes of a warning. Times are milliseconds since the epoch. */
import { leavingPods, podName } from "../model/kubernetes/pods.ts";
import { interruptionOf, type SpotNotice } from "../model/spot-notice.ts";
import type { Instance, PoolView } from "./view.ts";

/** Time to terminate the instance, and for looks that come late. */
const RESERVE_MS = 10_000;
/** A standby node is Ready after about 20 s; one that takes twice as long is not waited for. */
const LONGEST_WAIT_MS = 40_000;
/** Pods that are evicted have time to leave before they are deleted, which no disruption budget holds back. */
const EVICTION_MS = 10_000;

const clamp = (ms: number, least: number, most: number): number => Math.min(most, Math.max(least, ms));

/** The default is that of the API server. */
const longestGrace = ({ pods }: Instance): number =>
  Math.max(0, ...leavingPods(pods).map(({ spec }) => (spec.terminationGracePeriodSeconds ?? 30) * 1000));

/** How long after a warning pods may stay if all of their grace period is to pass before the interruption. */
const timeBeforeGrace = (instance: Instance, notice: SpotNotice): number =>
  interruptionOf(notice) - RESERVE_MS - longestGrace(instance) - notice.at;

/** When pods that were evicted and have not left are deleted; undefined if `drainTimeout` decides. */
export const deletionDue = (instance: Instance): number | undefined => {
  const { notice } = instance;
  if (notice?.kind !== "interruption") return undefined;
  // A grace period that is longer than all the time there is ends with the instance: a disruption budget then deserves some time.
  return notice.at + clamp(timeBeforeGrace(instance, notice), 50_000, 90_000);
};

/** When the first node of the pool that was started for the pods of the instance opened to them; undefined if none has since its notice. */
export const replacedAt = ({ notice, pods }: Instance, { instances }: PoolView): number | undefined => {
  const names = new Set(leavingPods(pods).map(podName));
  const opened = instances.running
    .filter(({ record }) => record.pods?.some((name) => names.has(name)))
    .flatMap(({ record: { openedAt = 0 } }) => (notice && openedAt >= notice.at ? openedAt : []));
  return opened.length > 0 ? Math.min(...opened) : undefined;
};

/**
 * Until when pods stay where they run because no other node is ready for them; undefined if they leave now. After a warning that is as long as
 * their grace period allows.
 */
export const podsStayUntil = (instance: Instance, view: PoolView): number | undefined => {
  const { notice, record } = instance;
  if (!notice || record.drain?.askedAt !== undefined || replacedAt(instance, view) !== undefined) return undefined;
  const wait =
    notice.kind === "rebalance"
      ? view.spec.scaleUp.startTimeoutMs
      : clamp(timeBeforeGrace(instance, notice) - EVICTION_MS, 0, LONGEST_WAIT_MS);
  return view.now < notice.at + wait ? notice.at + wait : undefined;
};
