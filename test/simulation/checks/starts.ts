/** Promise 6: no more nodes start than there are pods to start them for. */
import { isRemovalTaint } from "../../../local/kubernetes/actors/other-autoscaler.ts";
import type { NodeObject, PodObject } from "../../../local/kubernetes/objects/objects.ts";
import { type Ec2Instance, isUndone } from "../../../shared/model/ec2.ts";
import { ANNOTATION, TAINT } from "../../../shared/model/names.ts";
import { type Command, nameOf } from "../sdk.ts";
import { nodeOf, recordsOf } from "../state.ts";
import type { SimulatedWorld } from "../world.ts";
import { type Check, describeCall } from "./check.ts";

/** A pod that was deleted after a start was decided still counts for as long as a function may run. */
const MEMORY_MS = 60_000;

/** A pod that is bound to a stopped node waits for it as well. */
const isWaiting = ({ metadata, status }: PodObject): boolean =>
  status.phase === "Pending" && !metadata.ownerReferences?.some(({ kind }) => kind === "DaemonSet");

/** Pods by uid, with the time until which they count. */
const trackWaiting = ({ store, clock }: SimulatedWorld) => {
  const until = new Map<string, number>();
  store.subscribe("pods", ({ type, object }) => {
    const { uid = "" } = object.metadata;
    if (type !== "DELETED" && isWaiting(object as PodObject)) until.set(uid, Number.POSITIVE_INFINITY);
    else if (until.get(uid) === Number.POSITIVE_INFINITY) until.set(uid, clock.now() + MEMORY_MS);
  });
  return (): number => {
    for (const [uid, end] of until) if (end < clock.now()) until.delete(uid);
    return until.size;
  };
};

/**
 * Whether taints of others keep all pods off it: another autoscaler's, or those that it kept, which are seen only once a label that somebody changed
 * is back.
 */
const isTakenByOthers = ({ metadata, spec }: NodeObject): boolean =>
  (metadata.annotations?.[ANNOTATION.keptTaints] ?? "") !== "" || (spec.taints ?? []).some(isRemovalTaint);

/** Whether a node was started for pods that were deleted since: it starts for nobody. */
const isForNobody = ({ store }: SimulatedWorld, pods: readonly string[] = []): boolean =>
  pods.length > 0 &&
  pods.every((pod) => {
    const [namespace, name = ""] = pod.split("/");
    return store.get("pods", name, namespace) === undefined;
  });

/** Nodes that are on their way to pods: powered or about to be, and not open for them yet. */
const startingOf = (world: SimulatedWorld, pool: string): number =>
  recordsOf(world, pool).filter(({ state, instanceId, openedAt, reason, pods }) => {
    if (state !== "running" || openedAt !== undefined || !["Demand", "PodBound"].includes(reason)) return false;
    if (isForNobody(world, pods)) return false;
    const node = nodeOf(world, instanceId ?? "");
    if (node === undefined) return true;
    const isOpening = node.spec.taints?.some(({ key }) => key === TAINT.notReady.key) ?? false;
    return isOpening && !isTakenByOthers(node);
  }).length;

/** An instance whose starts EC2 undoes is tried last, and replaced after two: it is not started again and again. */
const MAX_UNDONE_IN_A_ROW = 3;

const checkUndone: Check = (world, violate) => {
  const undone = new Map<string, number>();
  world.ec2.world.listeners.add(({ id, stateReason, boot }, state) => {
    if (state === "running") undone.delete(id);
    if (
      state !== "stopped" ||
      boot < 2 ||
      !stateReason ||
      !isUndone({ stateReason: stateReason.message } as Ec2Instance)
    )
      return;
    const count = (undone.get(id) ?? 0) + 1;
    undone.set(id, count);
    if (count > MAX_UNDONE_IN_A_ROW) violate("16", `${count} starts of ${id} in a row were undone`);
  });
};

export const checkStarts: Check = (world, violate) => {
  checkUndone(world, violate);
  const waiting = trackWaiting(world);
  world.hooks.afterEc2.add((command: Command) => {
    const call = world.calls.current();
    if (nameOf(command) !== "StartInstances" || !call?.process.name.startsWith("demand")) return;
    const pools = world.store.list("nodepools.stratos.sh").map(({ metadata }) => metadata.name);
    const starting = pools.reduce((sum, pool) => sum + startingOf(world, pool), 0);
    const pods = waiting();
    if (starting > pods) violate("6", `${describeCall(call)}: ${starting} nodes are starting for ${pods} pods`);
  });
};
