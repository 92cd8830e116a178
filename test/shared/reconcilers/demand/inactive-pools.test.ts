/** Pools that start no nodes for pods: paused, in a dry run, being deleted, unreadable. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { NodePool } from "../../../../shared/model/api/types.ts";
import { addPendingPod, aPool, type World, warmedUp } from "../world.ts";

const ZONE = "topology.kubernetes.io/zone";
const UNREADABLE = { scaleUp: { defaultPodResources: { requests: { cpu: "1e9999" } } } };

/** Another pool with a node in the zone of the world's pool, and a pod `db` there. */
const withOtherPool = async (spec: Partial<NodePool["spec"]>, isDeleted = false): Promise<World> => {
  const world = await warmedUp({ spec: { poolSize: 4, minStandby: 2 }, subnets: 1 });
  const pool = aPool("other", spec);
  const deletionTimestamp = new Date(world.now()).toISOString();
  world.kube.put(
    paths.nodePool("other"),
    isDeleted ? { ...pool, metadata: { ...pool.metadata, deletionTimestamp } } : pool,
  );
  const [{ zone } = { zone: "" }] = world.ec2.instances.values();
  for (const { instanceId } of world.ec2.instances.values())
    world.kube.change(paths.node(`node-${instanceId}`), { metadata: { labels: { [ZONE]: zone } } });
  world.kube.put(paths.node("other-1"), {
    metadata: { name: "other-1", labels: { "stratos.sh/pool": "other", [ZONE]: zone } },
    status: { conditions: [{ type: "Ready", status: "True" }], allocatable: { cpu: "2", memory: "8Gi", pods: "10" } },
  });
  world.kube.put(paths.pod("default", "db"), {
    metadata: { name: "db", namespace: "default", labels: { app: "db" } },
    spec: { nodeName: "other-1", containers: [{ name: "main" }] },
    status: { phase: "Running" },
  });
  return world;
};

const addPodWithTerm = (world: World, kind: "podAffinity" | "podAntiAffinity"): void => {
  addPendingPod(world, kind.toLowerCase(), "1");
  const terms = [{ topologyKey: ZONE, labelSelector: { matchLabels: { app: "db" } } }];
  const affinity = { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: terms } };
  world.kube.change(paths.pod("default", kind.toLowerCase()), { spec: { affinity } } as object);
};

describe.each<[string, Partial<NodePool["spec"]>, boolean]>([
  ["is paused", { paused: true }, false],
  ["is in a dry run", { dryRun: true }, false],
  ["is being deleted", {}, true],
  ["cannot be read", UNREADABLE, false],
])("pods on nodes of a pool that %s", (_, spec, isDeleted) => {
  it("attract pods with affinity to them", async () => {
    const world = await withOtherPool(spec, isDeleted);
    addPodWithTerm(world, "podAffinity");
    await world.reconcileDemand();
    expect(world.ec2.starts.flat()).toHaveLength(1);
  });

  it("keep away pods with anti-affinity to them", async () => {
    const world = await withOtherPool(spec, isDeleted);
    addPodWithTerm(world, "podAntiAffinity");
    await world.reconcileDemand();
    expect(world.ec2.starts).toEqual([]);
  });
});

it("pods wait for the node that was started for them, although its pool has been paused", async () => {
  const world = await warmedUp({ spec: { poolSize: 4, minStandby: 2 } });
  world.kube.put(paths.nodePool("other"), aPool("other", { scaleUp: { overflow: "Launch" } }));
  addPendingPod(world, "pod");
  await world.reconcileDemand();
  world.kube.change(paths.nodePool(world.pool), { spec: { paused: true } });
  await world.reconcileDemand();
  expect(world.ec2.starts.flat()).toHaveLength(1);
  const requests = await world.ports.launchRequests.read({ cluster: "test", pool: "other" });
  expect(requests).toBeUndefined();
});

it.each([
  ["paused", { paused: true }],
  ["dry run", { dryRun: true }],
] as const)("a pod that only a pool with %s could run is told so", async (why, spec) => {
  const world = await warmedUp({ spec: { poolSize: 4, minStandby: 2 } });
  world.kube.change(paths.nodePool(world.pool), { spec });
  addPendingPod(world, "pod");
  world.advance(61_000);
  await world.reconcileDemand();
  expect(world.ec2.starts).toEqual([]);
  const events = world.kube.in<{ reason: string; message: string }>(paths.events("default"));
  const messages = events.filter(({ reason }) => reason === "NoNodePool").map(({ message }) => message);
  expect(messages).toEqual([`no NodePool can run this pod: ${world.pool}: it starts no nodes (${why})`]);
});

describe("a pool whose spec cannot be read", () => {
  const condition = (world: World, type: string) =>
    world.kube.at<NodePool>(paths.nodePool(world.pool))?.status?.conditions?.find((each) => each.type === type);

  it.each<[string, Partial<NodePool["spec"]>, RegExp]>([
    ["quantity", UNREADABLE, /^spec\.scaleUp\.defaultPodResources\.requests\.cpu: found "1e9999"/],
    ["duration", { maxNodeRuntime: "soon" }, /^spec\.maxNodeRuntime: found "soon"/],
  ])("because of a %s is Degraded, with the field, until it can be read", async (_, spec, message) => {
    const world = await warmedUp({ spec: { poolSize: 3, minStandby: 2 } });
    world.kube.change(paths.nodePool(world.pool), { spec });
    await world.reconcilePool();
    const expected = { reason: "ValidationFailed", message: expect.stringMatching(message) };
    expect(condition(world, "Degraded")).toMatchObject({ status: "True", ...expected });
    expect(condition(world, "Ready")).toMatchObject({ status: "False", ...expected });
    expect(world.kube.at<NodePool>(paths.nodePool(world.pool))?.status).toMatchObject({
      standby: 2,
      degradedReason: "ValidationFailed",
    });
    await world.reconcilePool();
    const events = world.kube.in<{ reason: string; message: string; count: number }>(paths.events("default"));
    expect(events.filter(({ reason }) => reason === "ValidationFailed")).toEqual([
      expect.objectContaining({ type: "Warning", message: expect.stringMatching(message), count: 1 }),
    ]);
    world.kube.put(paths.nodePool(world.pool), aPool(world.pool, { poolSize: 3, minStandby: 2 }));
    await world.reconcilePool();
    expect(condition(world, "Degraded")).toMatchObject({ status: "False" });
  });

  it("can be deleted", async () => {
    const world = await warmedUp({ spec: { poolSize: 3, minStandby: 1 } });
    world.kube.change(paths.nodePool(world.pool), { spec: { maxNodeRuntime: "soon" } });
    await world.kube.port.delete(paths.nodePool(world.pool));
    for (let round = 0; round < 6; round += 1) {
      await world.reconcilePool();
      world.advance();
    }
    expect(world.kube.at(paths.nodePool(world.pool))).toBeUndefined();
    expect(world.ec2.inState("running", "stopped", "stopping", "pending")).toEqual([]);
  });
});
