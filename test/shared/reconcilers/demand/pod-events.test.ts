/** What pods are told while they wait: which node is started for them, or that their pools are full. */
import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { createDemandReconcile } from "../../../../shared/reconcilers/demand/reconcile.ts";
import { createAtCapacityReporter } from "../../../../shared/reconcilers/demand/report-at-capacity.ts";
import { aDemandPool, aPendingPod } from "../../demand/builders.ts";
import { aSpec } from "../../pool/builders.ts";
import { refusal } from "../fake-ec2.ts";
import { addPendingPod, bindPod, CLUSTER, reconcileUntil, type World, warmedUp } from "../world.ts";

interface PodEvent {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly reason: string;
  readonly type: string;
  readonly message: string;
  readonly count: number;
}

const eventsOf = (world: World, wanted: string) =>
  world.kube
    .in<PodEvent>(paths.events("default"))
    .filter(({ reason, involvedObject }) => reason === wanted && involvedObject.kind === "Pod")
    .map(({ involvedObject, type, message, count }) => ({ pod: involvedObject.name, type, message, count }));

/** The demand reconcile of one process, which remembers what it reported. */
const reconcileOf = (world: World) => {
  const reconcile = createDemandReconcile(world.ports);
  return () => reconcile({ key: CLUSTER, fence: 1, now: world.now, assertHeld: () => {} });
};

const repeat = async (world: World, minutes: number, reconcile = reconcileOf(world)): Promise<void> => {
  for (let seconds = 0; seconds < minutes * 60; seconds += 15) {
    await reconcile();
    world.advance(15_000);
  }
};

/** A pool whose only node is taken by one pod. */
const full = async (): Promise<World> => {
  const world = await warmedUp({ spec: { poolSize: 1, minStandby: 1 } });
  addPendingPod(world, "one", "2");
  await world.reconcileDemand();
  const [instanceId = ""] = world.ec2.starts.flat();
  await reconcileUntil(world, "an open node", async () => world.node(instanceId)?.spec?.taints?.length === 0);
  bindPod(world, "one", `node-${instanceId}`);
  await world.reconcilePool();
  return world;
};

it("the pods for which a node is started are told which one, for how many pods, and once", async () => {
  const world = await warmedUp({ spec: { poolSize: 4, minStandby: 3 } });
  addPendingPod(world, "small", "1");
  addPendingPod(world, "other", "1");
  addPendingPod(world, "large", "2");
  const reconcile = reconcileOf(world);
  await reconcile();
  await reconcile();
  const emitted = eventsOf(world, "NodeStarting").toSorted((one, other) => (one.pod < other.pod ? -1 : 1));
  const nodeFor = (pod: string) => emitted.find((each) => each.pod === pod)?.message.split(" ")[1];
  expect(emitted).toEqual([
    { pod: "large", type: "Normal", message: `node ${nodeFor("large")} is starting for 1 pod`, count: 1 },
    { pod: "other", type: "Normal", message: `node ${nodeFor("small")} is starting for 2 pods`, count: 1 },
    { pod: "small", type: "Normal", message: `node ${nodeFor("small")} is starting for 2 pods`, count: 1 },
  ]);
  const started = world.ec2.starts.flat().map((id) => `node-${id}`);
  expect([nodeFor("large"), nodeFor("small")].toSorted()).toEqual(started.toSorted());
});

it("a pod for which EC2 refused to start the instance is not told that it is starting", async () => {
  const world = await warmedUp({ spec: { poolSize: 2, minStandby: 1, scaleUp: { overflow: "None" } } });
  world.ec2.refusals.startInstances = refusal("InsufficientInstanceCapacity");
  addPendingPod(world, "pod", "1");
  await world.reconcileDemand();
  expect(eventsOf(world, "NodeStarting")).toEqual([]);
});

it("of a crowd that nodes are started for, ten pods are told", async () => {
  const world = await warmedUp({ spec: { poolSize: 8, minStandby: 8 } });
  for (let index = 0; index < 30; index += 1) addPendingPod(world, `pod-${index}`, "500m");
  await world.reconcileDemand();
  expect(eventsOf(world, "NodeStarting")).toHaveLength(10);
});

it("pods that wait for a full pool are told after a minute how many wait and what to raise, and again only after ten", async () => {
  const world = await full();
  const reconcile = reconcileOf(world);
  addPendingPod(world, "two", "2");
  addPendingPod(world, "three", "1");
  await reconcile();
  expect(eventsOf(world, "PoolAtCapacity")).toEqual([]);
  world.advance(61_000);
  await repeat(world, 2, reconcile);
  const message = `the NodePool that can run this pod is full: ${world.pool} (poolSize 1, 2 pods wait); raise its spec.poolSize`;
  const warning = { type: "Warning", message, count: 1 };
  expect(eventsOf(world, "PoolAtCapacity")).toEqual([
    { pod: "two", ...warning },
    { pod: "three", ...warning },
  ]);
  world.advance(600_000);
  await reconcile();
  expect(eventsOf(world, "PoolAtCapacity").map(({ count }) => count)).toEqual([2, 2]);
});

it("of a crowd that waits for a full pool, ten pods are told at a time", async () => {
  const world = await full();
  for (let index = 0; index < 25; index += 1) addPendingPod(world, `pod-${index}`, "2");
  world.advance(61_000);
  const reconcile = reconcileOf(world);
  await reconcile();
  expect(eventsOf(world, "PoolAtCapacity")).toHaveLength(10);
  expect(eventsOf(world, "PoolAtCapacity")[0]?.message).toContain("25 pods wait");
});

it("if several pools could run a pod, it is told once all of them are full, with their names", async () => {
  const world = await warmedUp();
  const pools = ["one", "two"].map((name) => aDemandPool({ name, spec: aSpec({ poolSize: 4 }), isFull: true }));
  const plan = {
    unserved: [{ pods: [aPendingPod("pod")], pools: ["one", "two"] }],
    pending: ["one", "two"].map((pool, index) => ({ pool, podCount: 9, unservedCount: index + 1 })),
  };
  const report = createAtCapacityReporter(world.ports);
  const later = world.now() + 61_000;
  await report(CLUSTER, [...pools.slice(0, 1), aDemandPool({ name: "two" })], plan, later);
  expect(eventsOf(world, "PoolAtCapacity")).toEqual([]);
  await report(CLUSTER, pools, plan, later);
  expect(eventsOf(world, "PoolAtCapacity").map(({ message }) => message)).toEqual([
    "all NodePools that can run this pod are full: one (poolSize 4, 1 pod waits), two (poolSize 4, 2 pods wait); raise spec.poolSize of one of them",
  ]);
});

it("a pod that standby will serve once it has warmed up is not told that the pool is full", async () => {
  const world = await warmedUp({ spec: { poolSize: 2, minStandby: 1, scaleUp: { overflow: "None" } } });
  addPendingPod(world, "one", "2");
  await world.reconcileDemand();
  await world.reconcilePool();
  addPendingPod(world, "two", "1900m");
  expect((await world.records()).map(({ state }) => state).toSorted()).toEqual(["running", "warmup"]);
  world.kube.change(paths.pod("default", "two"), {
    status: {
      conditions: [
        {
          type: "PodScheduled",
          status: "False",
          reason: "Unschedulable",
          lastTransitionTime: new Date(world.now() - 61_000).toISOString(),
        },
      ],
    },
  });
  await world.reconcileDemand();
  expect(eventsOf(world, "PoolAtCapacity")).toEqual([]);
});
