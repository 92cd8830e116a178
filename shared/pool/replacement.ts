/** Instances that take the pods of nodes that are drained only because of their age. Times are milliseconds since the epoch. */
import { leavingPods } from "../model/kubernetes/pods.ts";
import { disruptionsLeft } from "./disruption.ts";
import { driftedStandby, nextRefresh } from "./drift.ts";
import { comingStandby, desiredStandby, unrequestedSlots, usableStandby } from "./standby-target.ts";
import { allInstances, type Instance, livingOrphans, type PoolView } from "./view.ts";
import { launchBackoffUntil } from "./warmup-backoff.ts";

/** When the node has run for `maxNodeRuntime`. */
export const runtimeEnd = ({ record }: Instance, { spec }: PoolView): number =>
  (record.startedAt ?? record.stateSince) + spec.maxNodeRuntimeMs;

/** A node without pods needs no other. */
export const needsReplacement = ({ pods }: Instance): boolean => leavingPods(pods).length > 0;

/** Nodes that are being drained because of their age, and those that may be drained next. */
export const replacementsNeeded = (view: PoolView): number => {
  const { running, stopping } = view.instances;
  if (!view.spec.maxNodeRuntimeMs) return 0;
  const overdue = running.filter((instance) => view.now >= runtimeEnd(instance, view) && needsReplacement(instance));
  const underWay = stopping.filter(({ record }) => record.reason === "MaxRuntime");
  return underWay.length + Math.min(overdue.length, disruptionsLeft(view));
};

/** Standby that can be started and that is not about to be terminated: drifted standby is replaced first, if standby is desired at all. */
const readyStandby = (view: PoolView): number => {
  const usable = usableStandby(view).filter(({ ec2 }) => ec2?.state === "stopped").length;
  return Math.max(usable - driftedStandby(view).length, Math.min(usable, desiredStandby(view)));
};

/** How many more nodes may be drained whose pods standby can take: the pods that have left other nodes, or that wait already, come first. */
export const freeReplacements = (view: PoolView): number => {
  const draining = view.instances.stopping.filter(
    (instance) => instance.record.reason === "MaxRuntime" && needsReplacement(instance),
  );
  return Math.max(0, readyStandby(view) - draining.length - view.pending.unserved);
};

/** Whether standby will come without a drain: from a warmup, a drain that is under way, or a slot that is free or will be. */
export const canBeReplaced = (view: PoolView): boolean => {
  const { warmup, stopping, terminating } = view.instances;
  const isWarming = warmup.some(({ record }) => record.overflow === undefined);
  const hasRoom = allInstances(view).length < view.spec.poolSize;
  return isWarming || stopping.length > 0 || terminating.length > 0 || hasRoom || readyStandby(view) > 0;
};

/** How many instances to launch now for nodes that are due. What is missing of the standby target is launched first, by `replenish`. */
export const replacementLaunches = (view: PoolView): number => {
  const isBlocked = view.deleting || view.nodeClass.kind !== "ready" || livingOrphans(view).length > 0;
  if (isBlocked || view.now < launchBackoffUntil(view)) return 0;
  if (comingStandby(view) < view.spec.minStandby || nextRefresh(view).launch > 0) return 0;
  return Math.max(0, Math.min(replacementsNeeded(view) - comingStandby(view), unrequestedSlots(view)));
};
