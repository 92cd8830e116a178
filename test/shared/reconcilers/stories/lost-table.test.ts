import { afterAll, beforeAll, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { startTable, type TestTable } from "../../dynamo.ts";
import { actBeforeEveryCall, recoverUntil } from "../every-call.ts";
import {
  addPendingPod,
  bindPod,
  CLUSTER,
  living,
  reconcileUntil,
  states,
  type World,
  type WorldOptions,
  warmedUp,
  withNodeInUse,
} from "../world.ts";

let table: TestTable;

beforeAll(async () => {
  table = await startTable();
});

afterAll(() => table.stop());

const loseTable = async (world: World) => {
  for (const record of await world.records())
    await world.ports.slots.free({ cluster: CLUSTER, pool: world.pool }, record);
};

/** Two nodes that run a pod each, and one standby. */
const withTwoPods = async (options: WorldOptions) => {
  const world = await warmedUp(options);
  const pods = ["first", "second"];
  for (const pod of pods) addPendingPod(world, pod, "1500m");
  await world.reconcileDemand();
  const ids = world.ec2.starts.flat();
  await reconcileUntil(world, "open nodes", () => ids.every((id) => world.node(id)?.spec?.taints?.length === 0));
  for (const [index, pod] of pods.entries()) bindPod(world, pod, `node-${ids[index]}`);
  await reconcileUntil(world, "standby", async () => (await states(world)).includes("standby"));
  return { world, ids };
};

it("a table that is lost after poolSize was lowered ends no pod: nodes in use go once they are empty", async () => {
  const { world, ids } = await withTwoPods({ spec: { poolSize: 3, minStandby: 2 } });
  world.kube.change(paths.nodePool(world.pool), { spec: { poolSize: 1, minStandby: 1 } });
  await loseTable(world);
  await reconcileUntil(world, "no standby", async () => (await states(world)).join() === "running,running");
  for (let round = 0; round < 60; round += 1) {
    await world.reconcilePool();
    world.advance();
  }
  expect(world.ec2.inState("running").map(({ instanceId }) => instanceId)).toEqual(ids);
  world.kube.objects.delete(paths.pod("default", "second"));
  await reconcileUntil(world, "one node", async () => (await states(world)).join() === "running");
  expect(world.ec2.inState("running").map(({ instanceId }) => instanceId)).toEqual([ids[0]]);
});

it("a lost table is rebuilt from EC2, and nothing is launched in addition", async () => {
  const world = await warmedUp({ table, spec: { poolSize: 6, minStandby: 3 } });
  await reconcileUntil(world, "tags", async () =>
    living(world).every(({ tags }) => tags["stratos.sh/state"] === "standby"),
  );
  await loseTable(world);
  await reconcileUntil(world, "records", async () => (await states(world)).length === 3);
  await world.reconcilePool();
  expect(await states(world)).toEqual(["standby", "standby", "standby"]);
  expect(world.ec2.instances.size).toBe(3);
});

it("a pool that is being deleted leaves nothing behind, whenever the table is lost", async () => {
  const begin = async () => {
    const { world } = await withNodeInUse({ spec: { poolSize: 2, minStandby: 2 } });
    await world.kube.port.delete(paths.nodePool(world.pool));
    return world;
  };
  const calls = await actBeforeEveryCall(
    begin,
    ({ memory }) => memory.clear(),
    async (world) => {
      const isGone = async () => world.kube.at(paths.nodePool(world.pool)) === undefined;
      await recoverUntil(world, world.reconcilePool, isGone);
      expect(living(world)).toEqual([]);
      expect(world.kube.in(paths.nodes())).toEqual([]);
      expect(world.memory.size()).toBe(0);
    },
  );
  expect(calls).toBeGreaterThan(20);
});
