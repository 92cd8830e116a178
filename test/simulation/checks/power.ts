/** Promises 4 and 13: no node loses its power under running pods before `drainTimeout`, and then an event names the pods. */

import { poolSpecOf } from "../../../shared/model/api/pool-spec.ts";
import type { NodePool } from "../../../shared/model/api/types.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { leavingPods, podName } from "../../../shared/model/kubernetes/pods.ts";
import { type Command, nameOf } from "../sdk.ts";
import { nodeOf, podsOf, poolOf, recordsOf } from "../state.ts";
import type { SimulatedWorld } from "../world.ts";
import { type Check, describeCall, type Violate } from "./check.ts";

/** A pod that tolerates the cordon may bind at any moment: one that came while the function ran could not have been seen. */
const UNSEEN_MS = 60_000;
/** By then a function that nothing went wrong for has recorded its events. */
const NAMED_WITHIN_MS = 30_000;
const POWERED: readonly string[] = ["pending", "running"];

const isNamed = ({ store }: SimulatedWorld, name: string): boolean =>
  store.list("events").some(({ message, involvedObject }) => {
    const { kind } = involvedObject as { readonly kind?: string };
    return kind === "NodePool" && String(message).includes(name);
  });

const toleratesAll = ({ spec }: KubePod): boolean =>
  spec.tolerations?.some(({ key, operator }) => key === undefined && operator === "Exists") ?? false;

/** Whether the instance has been draining for as long as its pool lets a drain take. */
const hasTimedOut = (world: SimulatedWorld, id: string): boolean => {
  const pool = poolOf(world, id) ?? "";
  const record = recordsOf(world, pool).find(({ instanceId }) => instanceId === id);
  const nodePool = world.store.get("nodepools.stratos.sh", pool) as unknown as NodePool | undefined;
  if (!record || !nodePool) return false;
  const since = Math.max(record.stateSince, record.drain?.since ?? 0);
  // Functions' clocks differ a little.
  return world.clock.now() - since >= poolSpecOf(nodePool).scaleDown.drainTimeoutMs - 1_000;
};

/** The running pods that lose the instance's power. */
const losersOf = (world: SimulatedWorld, boundAt: ReadonlyMap<string, number>, id: string): readonly string[] => {
  const node = nodeOf(world, id);
  if (!node || !POWERED.includes(world.ec2.world.instances.get(id)?.state ?? "")) return [];
  const pods = podsOf(world) as unknown as readonly KubePod[];
  const isUnseen = ({ metadata }: KubePod) => world.clock.now() - (boundAt.get(metadata.uid ?? "") ?? 0) < UNSEEN_MS;
  const running = pods.filter(
    ({ spec, status }) => spec.nodeName === node.metadata.name && status?.phase === "Running",
  );
  const seen = running.filter((pod) => !(toleratesAll(pod) && isUnseen(pod)));
  return leavingPods(seen).map(podName);
};

const checkPower = (
  world: SimulatedWorld,
  violate: Violate,
  boundAt: ReadonlyMap<string, number>,
  id: string,
): void => {
  const pods = losersOf(world, boundAt, id);
  if (pods.length === 0) return;
  const call = world.calls.current();
  const what = `${describeCall(call)} takes the power of ${id} from ${pods.join()}`;
  if (!hasTimedOut(world, id)) {
    violate("4", what);
    return;
  }
  const before = call?.process.faults;
  world.clock.after(NAMED_WITHIN_MS, () => {
    const unnamed = pods.filter((name) => !isNamed(world, name));
    if (unnamed.length > 0 && call?.process.isAlive && call.process.faults === before)
      violate("4", `${what}, and no event names ${unnamed.join()}`);
  });
};

export const checkPowerLoss: Check = (world, violate) => {
  const boundAt = new Map<string, number>();
  world.store.subscribe("pods", ({ object }) => {
    const { uid = "" } = object.metadata;
    const isBound = (object.spec as { nodeName?: string }).nodeName !== undefined;
    if (isBound && !boundAt.has(uid)) boundAt.set(uid, world.clock.now());
  });
  world.hooks.beforeEc2.add((command: Command) => {
    if (!/^(Stop|Terminate)Instances/.test(nameOf(command))) return;
    for (const id of (command.input as { InstanceIds: readonly string[] }).InstanceIds)
      checkPower(world, violate, boundAt, id);
  });
};
