import { afterAll, beforeAll, expect, it } from "vitest";
import { startTable, type TestTable } from "../../dynamo.ts";
import { CLUSTER, living, reconcileUntil, states, warmedUp } from "../world.ts";

let table: TestTable;

beforeAll(async () => {
  table = await startTable();
});

afterAll(() => table.stop());

it("a lost table is rebuilt from EC2, and nothing is launched in addition", async () => {
  const world = await warmedUp({ table, spec: { poolSize: 6, minStandby: 3 } });
  await reconcileUntil(world, "tags", async () =>
    living(world).every(({ tags }) => tags["stratos.sh/state"] === "standby"),
  );
  for (const record of await world.records())
    await world.ports.slots.free({ cluster: CLUSTER, pool: world.pool }, record);
  await reconcileUntil(world, "records", async () => (await states(world)).length === 3);
  await world.reconcilePool();
  expect(await states(world)).toEqual(["standby", "standby", "standby"]);
  expect(world.ec2.instances.size).toBe(3);
});
