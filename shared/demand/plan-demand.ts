/** Which standby instances to start for the pods that found no node. */
import { isReady, type KubePod } from "../kube/objects.ts";
import { isFinished, podName } from "../pool/pods.ts";
import { isDemand, pendingSince } from "./is-demand.ts";
import { mismatch } from "./matching/mismatch.ts";
import { pack, type SizedPod } from "./packing.ts";
import type { DemandPlan, PoolStart } from "./plan.ts";
import { podResources, type Resources, subtract, toResources } from "./resources.ts";
import type { DemandPool, DemandView, StartedNode } from "./view.ts";

/** A started node that is not Ready by then holds demand back no longer. */
export const STARTING_FOR_MS = 60_000;

const ONE_POD: Resources = new Map([["pods", 1_000_000_000n]]);

/** Room that a started node will have, by what is bound to it already. */
const roomOf = ({ node, pods }: StartedNode, { spec, capacity }: DemandPool): Resources => {
  const given = node?.status?.allocatable ?? capacity;
  const allocatable = given ? toResources(given) : ONE_POD;
  const defaults = toResources(spec.scaleUp.defaultPodResources.requests);
  const taking = pods.filter((pod) => !isFinished(pod));
  return taking.reduce((room, pod) => subtract(room, podResources(pod, defaults)), allocatable);
};

/**
 * Pods that still want a node. They are read before the pods of started nodes, so one that bound in between is in both; counted
 * twice, it would start a node too many.
 */
const stillWaiting = (pods: readonly KubePod[], pools: readonly DemandPool[]): readonly KubePod[] => {
  const bound = new Set(pools.flatMap(({ started }) => started.flatMap((node) => node.pods.map(podName))));
  return pods.filter((pod) => isDemand(pod) && !bound.has(podName(pod)));
};

const holdsDemandBack = ({ record, node }: StartedNode, now: number): boolean =>
  record.startedAt !== undefined && (now - record.startedAt < STARTING_FOR_MS || (node !== undefined && isReady(node)));

const sized = (pods: readonly KubePod[], { spec, capacity }: DemandPool): readonly SizedPod[] => {
  const defaults = toResources(spec.scaleUp.defaultPodResources.requests);
  return pods.map((pod) => ({ pod, wanted: capacity ? podResources(pod, defaults) : ONE_POD }));
};

const startIn = (pool: DemandPool, pods: readonly KubePod[], now: number) => {
  const held = pool.started.filter((started) => holdsDemandBack(started, now)).map((started) => roomOf(started, pool));
  const packing = pack(
    sized(pods, pool),
    held,
    pool.capacity ? toResources(pool.capacity) : ONE_POD,
    pool.standby.length,
  );
  const served = packing.opened.flat();
  return {
    start: {
      pool: pool.name,
      records: pool.standby.slice(0, packing.opened.length),
      pods: packing.opened,
      podCount: served.length,
      demandSince: Math.min(now, ...served.map(pendingSince)),
    },
    unplaced: packing.unplaced,
  };
};

/** Pools in the order in which they may serve a pod: by name, until pools carry a weight. */
export const planDemand = ({ now, pods, pools }: DemandView): DemandPlan => {
  const starts: PoolStart[] = [];
  const short: { pool: string; podCount: number }[] = [];
  let open = stillWaiting(pods, pools);
  const reasons = new Map<KubePod, string[]>(open.map((pod) => [pod, []]));
  const matched = new Set<KubePod>();
  for (const pool of pools.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const mine: KubePod[] = [];
    for (const pod of open) {
      const against = mismatch(pod.spec, pool.spec.template);
      if (against) reasons.get(pod)?.push(`${pool.name}: ${against}`);
      else mine.push(pod);
    }
    for (const pod of mine) matched.add(pod);
    const { start, unplaced } = startIn(pool, mine, now);
    if (start.records.length > 0) starts.push(start);
    if (unplaced.length > 0) short.push({ pool: pool.name, podCount: unplaced.length });
    const left = new Set(unplaced);
    open = open.filter((pod) => left.has(pod) || !mine.includes(pod));
  }
  const unmatched = [...reasons]
    .filter(([pod]) => !matched.has(pod))
    .map(([pod, against]) => ({ pod, reasons: against }));
  return { starts, launches: [], waiting: [], short, unmatched };
};
