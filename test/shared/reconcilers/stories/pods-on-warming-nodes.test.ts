/** Pods that are bound to a node while it warms up: it is shut from the first look, and its power goes without them. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { tolerateAllPod } from "../actors.ts";
import {
  addPendingPod,
  bindPod,
  createWorld,
  reconcileUntil,
  states,
  type World,
  type WorldOptions,
} from "../world.ts";

const MINUTE = 60_000;

const isThere = ({ kube }: World, pod: string) => kube.at(paths.pod("default", pod)) !== undefined;
const stateOf = ({ ec2 }: World, instanceId: string) => ec2.instances.get(instanceId)?.state;
const messagesOf = ({ kube }: World) =>
  kube
    .in<{ message: string }>(paths.events("default"))
    .map(({ message }) => message)
    .join("\n");

/** One instance whose node has just registered and was not seen yet. */
const joined = async (options: WorldOptions = {}) => {
  const world = createWorld({ ...options, spec: { poolSize: 1, minStandby: 1, ...options.spec } });
  await world.reconcilePool();
  world.advance();
  const [record] = await world.records();
  return { world, instanceId: record?.instanceId ?? "", name: `node-${record?.instanceId}` };
};

const bind = (world: World, name: string, node: string) => {
  addPendingPod(world, name);
  bindPod(world, name, node);
};

describe("a warming node", () => {
  it("is cordoned by the first look at it, and a pod that came before leaves it", async () => {
    const { world, instanceId, name } = await joined();
    bind(world, "early", name);
    await world.reconcilePool();
    expect(world.node(instanceId)?.spec?.unschedulable).toBe(true);
    await world.reconcilePool();
    expect(isThere(world, "early")).toBe(false);
  });

  it("that powers itself off under a pod becomes standby without it, and says so", async () => {
    const { world, instanceId, name } = await joined();
    bind(world, "early", name);
    world.kube.protectedPods.add("default/early");
    await reconcileUntil(world, "standby", async () => (await states(world)).every((state) => state === "standby"));
    expect(stateOf(world, instanceId)).toBe("stopped");
    expect(isThere(world, "early")).toBe(false);
    expect(messagesOf(world)).toContain("default/early ended with its warmup");
  });

  it.each([
    ["ControllerStop", "ControllerStop", undefined],
    ["a script that never powers it off", "ControllerStop", ["example.com/never:1"]],
  ] as const)("of %s is drained at the end, and a budget is respected until drainTimeout", async (...args) => {
    const [, completionMode, images] = args;
    const preWarm = { completionMode, timeout: "4m", ...(images && { images: [...images] }) };
    const { world, instanceId, name } = await joined({ spec: { poolSize: 1, minStandby: 1, preWarm } });
    bind(world, "early", name);
    world.kube.protectedPods.add("default/early");
    const until = world.now() + (images ? 4 : 0) * MINUTE + 5 * MINUTE - 20_000;
    while (world.now() < until) {
      await world.reconcilePool();
      expect(isThere(world, "early")).toBe(true);
      expect(stateOf(world, instanceId)).toBe("running");
      world.advance();
    }
    await reconcileUntil(world, "stopped", () => stateOf(world, instanceId) !== "running");
    expect(isThere(world, "early")).toBe(false);
  });

  it("ends its warmup although a pod that tolerates everything returns to it for ever", async () => {
    const { world, instanceId, name } = await joined({ spec: { preWarm: { completionMode: "ControllerStop" } } });
    const operator = tolerateAllPod(world, name);
    for (let round = 0; round < 60 && stateOf(world, instanceId) === "running"; round += 1) {
      operator.replace();
      await world.reconcilePool();
      world.advance();
    }
    await reconcileUntil(world, "standby", async () => (await states(world)).every((state) => state === "standby"));
    expect(stateOf(world, instanceId)).toBe("stopped");
  });
});
