/** Instances that take the pods of nodes that are drained only because of their age. Times are milliseconds since the epoch. */
import { claimNames, leavingPods } from "../model/kubernetes/pods.ts";
import { disruptionsLeft } from "./disruption.ts";
import { driftedStandby, nextRefresh } from "./drift.ts";
import { comingStandby, comingStandbyOf, desiredStandby, unrequestedSlots, usableStandby } from "./standby-target.ts";
import { allInstances, type Instance, livingOrphans, type PoolView } from "./view.ts";
import { launchBackoffUntil } from "./warmup-backoff.ts";

/** When the node has run for `maxNodeRuntime`. */
export const runtimeEnd = ({ record }: Instance, { spec }: PoolView): number =>
  (record.startedAt ?? record.stateSince) + spec.maxNodeRuntimeMs;

/** A node without pods needs no other. */
export const needsReplacement = ({ pods }: Instance): boolean => leavingPods(pods).length > 0;

/** Pods with claims may be bound to the zone of their volumes: they need a node there. */
export const needsItsZone = ({ pods }: Instance): boolean => leavingPods(pods).some((pod) => claimNames(pod).size > 0);

/** Nodes that are being drained because of their age, and those that may be drained next, longest overdue first. */
const nodesToReplace = (view: PoolView): readonly Instance[] => {
  const { running, stopping } = view.instances;
  if (!view.spec.maxNodeRuntimeMs) return [];
  const overdue = running
    .filter((instance) => view.now >= runtimeEnd(instance, view) && needsReplacement(instance))
    .toSorted((one, other) => runtimeEnd(one, view) - runtimeEnd(other, view));
  const underWay = stopping.filter(({ record }) => record.reason === "MaxRuntime");
  return [...underWay, ...overdue.slice(0, disruptionsLeft(view))];
};

export const replacementsNeeded = (view: PoolView): number => nodesToReplace(view).length;

const isStopped = ({ ec2 }: Instance): boolean => ec2?.state === "stopped";

/** Standby that can be started and that is not about to be terminated: drifted standby is replaced first, if standby is desired at all. */
const readyStandby = (view: PoolView): number => {
  const usable = usableStandby(view).filter(isStopped).length;
  return Math.max(usable - driftedStandby(view).length, Math.min(usable, desiredStandby(view)));
};

const countByZone = (instances: readonly Instance[]): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(instances, ({ record }) => record.zone)].map(([zone, own]) => [zone, own.length]));

export interface FreeReplacements {
  /** How many more nodes may be drained whose pods standby can take: the pods that have left other nodes, or that wait already, come first. */
  readonly count: number;
  /** How many of these may be nodes in the zone whose pods need it. */
  inZone(zone: string): number;
}

export const freeReplacements = (view: PoolView): FreeReplacements => {
  const draining = view.instances.stopping.filter(
    (instance) => instance.record.reason === "MaxRuntime" && needsReplacement(instance),
  );
  const ready = countByZone(usableStandby(view).filter(isStopped));
  const taken = countByZone(draining.filter(needsItsZone));
  return {
    count: Math.max(0, readyStandby(view) - draining.length - view.pending.unserved),
    inZone: (zone) => Math.max(0, (ready.get(zone) ?? 0) - (taken.get(zone) ?? 0)),
  };
};

/** Whether standby will come without a drain: from a warmup, a drain that is under way, or a slot that is free or will be. */
export const canBeReplaced = (view: PoolView): boolean => {
  const { warmup, stopping, terminating } = view.instances;
  const isWarming = warmup.some(({ record }) => record.overflow === undefined);
  const hasRoom = allInstances(view).length < view.spec.poolSize;
  return isWarming || stopping.length > 0 || terminating.length > 0 || hasRoom || readyStandby(view) > 0;
};

/** Whether standby will come in the zone without a drain there. */
export const canBeReplacedIn = (zone: string, view: PoolView): boolean =>
  allInstances(view).length < view.spec.poolSize || comingStandbyOf(view).some(({ record }) => record.zone === zone);

export interface ReplacementLaunch {
  readonly count: number;
  /** Anywhere if undefined. */
  readonly zone: string | undefined;
}

/** What is missing in the zones of nodes whose pods need theirs, then what is missing in all. */
const missingReplacements = (view: PoolView): readonly ReplacementLaunch[] => {
  const nodes = nodesToReplace(view);
  const coming = countByZone(comingStandbyOf(view));
  const inZones = [...countByZone(nodes.filter(needsItsZone))].map(([zone, count]) => ({
    zone,
    count: Math.max(0, count - (coming.get(zone) ?? 0)),
  }));
  const launched = inZones.reduce((sum, { count }) => sum + count, 0);
  return [...inZones, { zone: undefined, count: nodes.length - comingStandby(view) - launched }];
};

/** What to launch now for nodes that are due. What is missing of the standby target is launched first, by `replenish`. */
export const replacementLaunches = (view: PoolView): readonly ReplacementLaunch[] => {
  const isBlocked = view.deleting || view.nodeClass.kind !== "ready" || livingOrphans(view).length > 0;
  if (isBlocked || view.now < launchBackoffUntil(view)) return [];
  if (comingStandby(view) < view.spec.minStandby || nextRefresh(view).launch > 0) return [];
  let left = unrequestedSlots(view);
  return missingReplacements(view).flatMap(({ zone, count }) => {
    const possible = Math.min(count, left);
    if (possible <= 0) return [];
    left -= possible;
    return [{ zone, count: possible }];
  });
};
