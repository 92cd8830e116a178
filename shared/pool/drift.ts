/** Which standby has drifted from what the pool would launch now, and how much of it may be replaced. */
import { isOnHold } from "../model/kubernetes/objects.ts";
import { ANNOTATION } from "../model/names.ts";
import { retirement } from "./retirement.ts";
import { comingStandby, desiredStandby, unrequestedSlots, usableStandby } from "./standby-target.ts";
import type { Instance, PoolView } from "./view.ts";
import { currentFailures, launchBackoffUntil } from "./warmup-backoff.ts";
import { warmupOutcome } from "./warmup-outcome.ts";

const warmedAt = ({ record, node }: Instance): number | undefined =>
  record.warmedAt ?? (Date.parse(node?.metadata.annotations?.[ANNOTATION.warmupCompleted] ?? "") || undefined);

/** An instance that served before its warmup was over may lack images that its pool requires. */
const lacksImages = (instance: Instance, { spec }: PoolView): boolean => {
  if (instance.record.overflow !== "serve" || !instance.node) return false;
  const outcome = warmupOutcome(instance, spec);
  return outcome.kind === "missing"
    ? outcome.required.length > 0
    : outcome.kind === "failed" && spec.preWarm.imagePullPolicy === "Required";
};

/** An instance without a fingerprint does not drift until it is too old. */
const isDrifted = (instance: Instance, view: PoolView): boolean => {
  const { fingerprint, spec, now } = view;
  const { record } = instance;
  const differs = record.fingerprint !== undefined && fingerprint !== undefined && record.fingerprint !== fingerprint;
  const { maxAgeMs } = spec.preWarm;
  return (
    differs ||
    retirement(instance, spec) !== undefined ||
    lacksImages(instance, view) ||
    (maxAgeMs > 0 && now - (warmedAt(instance) ?? now) >= maxAgeMs)
  );
};

/** Drifted standby, the longest unused first. */
export const driftedStandby = (view: PoolView): readonly Instance<"standby">[] =>
  usableStandby(view)
    .filter((instance) => isDrifted(instance, view))
    .toSorted((one, other) => one.record.stateSince - other.record.stateSince);

/** Standby in the order in which it is given up: drifted first, then the longest unused, and at last what somebody keeps on hold. */
export const leastUseful = (view: PoolView): readonly Instance<"standby">[] => {
  const drifted = driftedStandby(view);
  const current = view.instances.standby.filter((instance) => !drifted.includes(instance));
  return [
    ...drifted,
    ...current.toSorted(
      (one, other) =>
        Number(isOnHold(one.node)) - Number(isOnHold(other.node)) || one.record.stateSince - other.record.stateSince,
    ),
  ];
};

export interface Refresh {
  /** Drifted instances to terminate now. */
  readonly terminate: readonly Instance<"standby">[];
  /** How many replacements to launch now. */
  readonly launch: number;
}

const NOTHING: Refresh = { terminate: [], launch: 0 };

/**
 * The next step of replacing drifted standby, as if no pod was pending. Replacements come first as long as `poolSize` has room for
 * them; only without room does standby drop below its target, by `maxUnavailable`. While new instances fail to warm up, drifted ones
 * are kept.
 */
export const nextRefresh = (view: PoolView): Refresh => {
  const { maxUnavailable } = view.spec.preWarm.refresh;
  const drifted = driftedStandby(view);
  if (view.deleting || view.nodeClass.kind !== "ready" || drifted.length === 0) return NOTHING;
  const { warmup, terminating } = view.instances;
  const desired = desiredStandby(view);
  const coming = comingStandby(view);
  const surplus = coming - desired;
  const room = Math.max(0, unrequestedSlots(view));
  // What is missing is launched first, by `replenish`.
  const launch =
    coming < view.spec.minStandby ? 0 : Math.max(0, Math.min(maxUnavailable, drifted.length, desired) - surplus);
  const isReplacementWarming = warmup.some(({ record }) => record.overflow === undefined);
  const floor = room > 0 || isReplacementWarming ? desired : desired - maxUnavailable;
  const underWay = terminating.filter(({ record }) => record.reason === "Stale").length;
  const count = Math.max(0, Math.min(usableStandby(view).length - floor, maxUnavailable - underWay));
  return {
    terminate: drifted.slice(0, currentFailures(view) ? 0 : count),
    launch: view.now < launchBackoffUntil(view) ? 0 : Math.min(launch, room),
  };
};

/** Whether it matters now if pods are pending: only then are pods listed. */
export const isRefreshDue = (view: PoolView): boolean => {
  const { terminate, launch } = nextRefresh(view);
  return !view.spec.paused && terminate.length + launch > 0;
};
