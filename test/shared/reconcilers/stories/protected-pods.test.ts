/** Pods that ask not to be disturbed, on nodes that are due. */
import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { createPoolReconcile } from "../../../../shared/reconcilers/pool/reconcile.ts";
import { CLUSTER, reconcileUntil, type World, withNodeInUse } from "../world.ts";

const MINUTE = 60_000;
const POD = paths.pod("default", "pod");

/** A pool whose node has run for `maxNodeRuntime`, with a pod that asks not to be disturbed. */
const withNodeDue = async (protectedPodTimeout: string) => {
  const { world, instanceId } = await withNodeInUse({
    spec: { maxNodeRuntime: "10m", disruption: { protectedPodTimeout } },
  });
  world.kube.change(POD, { metadata: { annotations: { "karpenter.sh/do-not-disrupt": "true" } } });
  world.advance(10 * MINUTE);
  return { world, instanceId };
};

const reconcileFor = async (world: World, ms: number) => {
  for (let past = 0; past < ms; past += 30_000) {
    await world.reconcilePool();
    world.advance(30_000);
  }
};

const stateOf = ({ ec2 }: World, instanceId: string) => ec2.instances.get(instanceId)?.state;

const eventsOf = (world: World, reason: string) =>
  world.kube.in<{ reason: string; count?: number }>(paths.events("default")).filter((event) => event.reason === reason);

it("finish on a cordoned node, which stops then", async () => {
  const { world, instanceId } = await withNodeDue("24h");
  await reconcileFor(world, 60 * MINUTE);
  expect(stateOf(world, instanceId)).toBe("running");
  expect(world.node(instanceId)?.spec?.unschedulable).toBe(true);
  expect(world.kube.at(POD)).toBeDefined();
  expect(eventsOf(world, "PodsProtected")).toHaveLength(1);
  world.kube.change(POD, { status: { phase: "Succeeded" } });
  await reconcileUntil(world, "stopped", () => stateOf(world, instanceId) === "stopped");
  expect(eventsOf(world, "DrainTimeout")).toEqual([]);
});

it("are evicted after protectedPodTimeout", async () => {
  const { world, instanceId } = await withNodeDue("30m");
  await reconcileFor(world, 29 * MINUTE);
  expect(world.kube.at(POD)).toBeDefined();
  await reconcileUntil(world, "stopped", () => stateOf(world, instanceId) === "stopped");
  expect(world.kube.at(POD)).toBeUndefined();
});

it("are evicted at once when the pool is deleted", async () => {
  const { world, instanceId } = await withNodeDue("24h");
  await reconcileFor(world, MINUTE);
  world.kube.change(paths.nodePool(world.pool), {
    metadata: { deletionTimestamp: new Date(world.now()).toISOString() },
  });
  await reconcileUntil(world, "terminated", () => stateOf(world, instanceId) === "terminated");
  expect(world.kube.at(POD)).toBeUndefined();
});

it("are evicted when EC2 is about to stop their instance", async () => {
  const { world, instanceId } = await withNodeDue("24h");
  await reconcileFor(world, MINUTE);
  const event = { id: "e-1", code: "instance-stop", notBefore: world.now() + 30 * MINUTE };
  const ports = { ...world.ports, instanceHealth: async () => new Map([[instanceId, { instanceId, event }]]) };
  const lease = { key: `${CLUSTER}/${world.pool}`, fence: 1, now: world.now, assertHeld: () => {} };
  await createPoolReconcile(ports)(lease);
  expect(world.kube.at(POD)).toBeUndefined();
});

it("are still waited for after the table was lost", async () => {
  const { world, instanceId } = await withNodeDue("24h");
  await reconcileFor(world, 5 * MINUTE);
  world.memory.clear();
  await reconcileFor(world, 60 * MINUTE);
  expect(world.kube.at(POD)).toBeDefined();
  expect(stateOf(world, instanceId)).toBe("running");
});
