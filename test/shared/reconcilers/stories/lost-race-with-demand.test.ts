import { afterAll, beforeAll, expect, it } from "vitest";
import { startTable, type TestTable } from "../../dynamo.ts";
import { living, states, warmedUp } from "../world.ts";

let table: TestTable;

beforeAll(async () => {
  table = await startTable();
});

afterAll(() => table.stop());

it("a pool that loses a record write to demand leaves the instance to demand", async () => {
  const world = await warmedUp({ table });
  const [instance] = living(world);
  world.ec2.change(instance?.instanceId ?? "", { state: "running", launchTime: world.now() });
  // Demand takes the instance while the pool, which has seen it running in standby, is about to stop it.
  const { write } = world.ports.slots;
  let taken = false;
  world.ports.slots.write = async (at, record, change) => {
    if (!taken && record.instanceId === instance?.instanceId) {
      taken = true;
      await write(at, record, { move: { to: "running", reason: "Demand", now: world.now() } });
    }
    return write(at, record, change);
  };
  await world.reconcilePool();
  expect(taken).toBe(true);
  expect(world.ec2.instances.get(instance?.instanceId ?? "")?.state).toBe("running");
  expect(await states(world)).toEqual(["running", "standby"]);
});
