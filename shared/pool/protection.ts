/** Pods that ask not to be disturbed, and the drains that wait for them. */
import type { TransitionReason } from "../model/instance-record.ts";
import type { BoundPod } from "../model/kubernetes/objects.ts";
import { createdAt, isLeaving, isProtected, leavingPods } from "../model/kubernetes/pods.ts";
import { isInterrupted } from "./interruption.ts";
import type { Instance, PoolView } from "./view.ts";

/**
 * Drains that may as well be done later. Nobody knows why an adopted instance is stopping, so its pods are waited for, too; broken nodes, scheduled
 * events and the deletion of the pool do not wait.
 */
const VOLUNTARY: ReadonlySet<TransitionReason> = new Set(["MaxRuntime", "Adopted"]);

/** When protection ends, whatever still runs; in ms. */
export const protectionEnd = ({ record }: Instance, { spec }: PoolView): number =>
  record.stateSince + spec.disruption.protectedPodTimeoutMs;

/** The pods that hold back the drain of the instance. Those that came after the cordon, which they tolerate, would come for ever. */
export const protectedPods = (instance: Instance, view: PoolView): readonly BoundPod[] => {
  const { record, pods, health } = instance;
  const isVoluntary = record.state === "stopping" && VOLUNTARY.has(record.reason);
  if (!isVoluntary || view.now >= protectionEnd(instance, view)) return [];
  if (health && isInterrupted(health, view.now)) return [];
  return leavingPods(pods).filter((pod) => isProtected(pod) && !isLeaving(pod) && createdAt(pod) <= record.stateSince);
};
