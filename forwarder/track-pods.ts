import { isDemand, mayBeOnStandby } from "../shared/demand/pending-pod.ts";
import { isReady, type KubePod } from "../shared/model/kubernetes/objects.ts";
import type { Tracker } from "./reflector.ts";

/** What the forwarder remembers of a pod until it finishes. */
interface PodFacts {
  readonly uid: string | undefined;
  readonly node: string | undefined;
  readonly unschedulable: boolean;
  /** Bound, but its node may have to be started first. */
  readonly mayBeOnStandby: boolean;
  /** While it is Ready: when the latest of its containers started, which a reboot of its node changes. */
  readonly runningSince: string | undefined;
}

export interface PodTracker extends Tracker<KubePod> {
  unschedulableCount(): number;
  /** Nodes with pods that may have been bound to them although they are standby. */
  nodesToStart(): readonly string[];
}

export interface PodListener {
  /** A pod could not be scheduled. */
  onUnschedulable(): void;
  /** A pod was bound to the node that may be standby. */
  onBoundToStandby(node: string): void;
  /** A pod was bound to the node, left it, finished on it, or became Ready on it, for the first time or after a restart. */
  onNodePods(node: string): void;
}

export const trackPods = (listener: PodListener): PodTracker => {
  const pods = new Map<string, PodFacts>();
  let unschedulableCount = 0;

  const replace = (id: string, after: PodFacts | undefined) => {
    const before = pods.get(id);
    if (after) pods.set(id, after);
    else pods.delete(id);
    unschedulableCount += Number(after?.unschedulable ?? false) - Number(before?.unschedulable ?? false);
    const isNew = before?.uid !== after?.uid;
    if (after?.unschedulable && (isNew || !before?.unschedulable)) listener.onUnschedulable();
    if (after?.mayBeOnStandby && (isNew || !before?.mayBeOnStandby)) listener.onBoundToStandby(after.node ?? "");
    if (!concernsNode(before, after)) return;
    for (const node of new Set([before?.node, after?.node])) if (node !== undefined) listener.onNodePods(node);
  };

  return {
    set: (id, pod) => replace(id, factsOf(pod)),
    delete: (id) => replace(id, undefined),
    ids: () => pods.keys(),
    unschedulableCount: () => unschedulableCount,
    nodesToStart: () => [...pods.values()].flatMap((pod) => (pod.mayBeOnStandby ? (pod.node ?? []) : [])),
  };
};

const concernsNode = (before: PodFacts | undefined, after: PodFacts | undefined): boolean =>
  before?.uid !== after?.uid ||
  before?.node !== after?.node ||
  (after?.runningSince !== undefined && after.runningSince !== before?.runningSince);

const runningSinceOf = ({ status }: KubePod): string =>
  (status?.containerStatuses ?? [])
    .flatMap(({ state }) => state?.running?.startedAt ?? [])
    .sort()
    .at(-1) ?? "";

const factsOf = (pod: KubePod): PodFacts | undefined => {
  const phase = pod.status?.phase;
  if (phase === "Succeeded" || phase === "Failed") return undefined;
  return {
    uid: pod.metadata.uid,
    node: pod.spec.nodeName,
    unschedulable: isDemand(pod),
    mayBeOnStandby: mayBeOnStandby(pod),
    runningSince: isReady(pod) ? runningSinceOf(pod) : undefined,
  };
};
