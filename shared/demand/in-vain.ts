/** Starts in vain: the scheduler has no node for a pod although the node that was started for the pod is open. */
import { createHash } from "node:crypto";
import type { InstanceRecord, StartInVain } from "../model/instance-record.ts";
import type { KubePod } from "../model/kubernetes/objects.ts";
import { leavingPods, podName } from "../model/kubernetes/pods.ts";
import { canTake, type PackNode } from "./packing/pack-node.ts";
import type { PackingProblem } from "./packing/problem.ts";
import type { PlannedBackoff } from "./plan.ts";
import { labelKeysOf, type PodGroup, schedulingParts, termsOf } from "./pod-groups.ts";

const FIRST_BACKOFF_MS = 60_000;
const MAX_BACKOFF_MS = 30 * 60_000;
/** Longer than the longest backoff and the start that follows it: a pod that is still started in vain backs off for as long as before. */
const FORGET_AFTER_MS = 60 * 60_000;

export const backoffMs = (count: number): number => Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (count - 1));

/**
 * Equal for pods that the scheduler treats alike for as long as the cluster stays as it is: the pods of one controller, and of others with the same
 * requests and rules. Unlike the key of a pod group, it does not depend on other pods. Claims have names of their own, because each has its own fate.
 */
export const equivalenceKey = ({ metadata, spec }: KubePod): string => {
  const labels = labelKeysOf(termsOf(spec)).map((key) => metadata.labels?.[key]);
  const volumes = spec.volumes?.flatMap(
    ({ persistentVolumeClaim, ephemeral }) => persistentVolumeClaim ?? ephemeral ?? [],
  );
  const parts = [metadata.namespace, schedulingParts(spec), labels, volumes];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
};

/** The latest start in vain for pods of each equivalence key. */
export type StartsInVain = ReadonlyMap<string, StartInVain>;

export const latestInVain = (all: readonly StartInVain[], now: number): StartsInVain => {
  const latest = new Map<string, StartInVain>();
  for (const one of all) {
    const { at = 0 } = latest.get(one.key) ?? {};
    if (now - one.at < FORGET_AFTER_MS && one.at > at) latest.set(one.key, one);
  }
  return latest;
};

export const isBackingOff = (pod: KubePod, startsInVain: StartsInVain, now: number): boolean => {
  const last = startsInVain.size > 0 ? startsInVain.get(equivalenceKey(pod)) : undefined;
  return last !== undefined && now - last.at < backoffMs(last.count);
};

/** Whether the node was opened after the last start in vain for such pods was noticed: each start counts once. */
const isLater = ({ openedAt = 0 }: InstanceRecord, last: StartInVain | undefined): boolean =>
  openedAt > (last?.at ?? 0);

/** Whether a pod that the node was started for still waits, which has not been noticed yet. */
export const mayBeInVain = (
  record: InstanceRecord,
  waiting: ReadonlyMap<string, KubePod>,
  startsInVain: StartsInVain,
): boolean =>
  (record.pods ?? []).some((name) => {
    const pod = waiting.get(name);
    return pod !== undefined && isLater(record, startsInVain.get(equivalenceKey(pod)));
  });

/** Others may have taken the room that a pod was to have. Then it was not started in vain, and the next node may do. */
const isRoomTaken = (
  { topology }: PackingProblem,
  node: PackNode,
  record: InstanceRecord,
  group: PodGroup,
): boolean => {
  const others = leavingPods(node.model.pods).some((pod) => !record.pods?.includes(podName(pod)));
  const fits = canTake(node, group) && topology.unschedulableReason(group, node) === undefined;
  return others && !fits;
};

/** The starts that are found to be in vain now, and the pods that they were for. */
export const findInVain = (
  problem: PackingProblem,
  groups: readonly PodGroup[],
  startsInVain: StartsInVain,
  now: number,
): readonly PlannedBackoff[] => {
  if (problem.pools.every(({ opened }) => opened.length === 0)) return [];
  const waiting = new Map(groups.flatMap((group) => group.pods.map((pod) => [podName(pod), { pod, group }] as const)));
  return problem.pools.flatMap(({ name, opened }) =>
    opened.flatMap((node): PlannedBackoff[] => {
      if (!("record" in node.model)) return [];
      const { record } = node.model;
      const inVain = new Map<string, KubePod[]>();
      for (const { pod, group } of (record.pods ?? []).flatMap((own) => waiting.get(own) ?? [])) {
        const key = equivalenceKey(pod);
        if (!isLater(record, startsInVain.get(key)) || isRoomTaken(problem, node, record, group)) continue;
        inVain.set(key, [...(inVain.get(key) ?? []), pod]);
      }
      return [...inVain].map(([key, pods]) => {
        const count = (startsInVain.get(key)?.count ?? 0) + 1;
        return { pool: name, record, pods, start: { key, count, at: now } };
      });
    }),
  );
};
