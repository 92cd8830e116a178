import { expect, it, onTestFinished } from "vitest";
import { createZoneDemandTable } from "../../../shared/state/zone-demand-table.ts";
import { startTable, TABLE } from "../dynamo.ts";

it("stores demand by zone for each pool", async () => {
  const test = await startTable();
  onTestFinished(() => test.stop());
  const table = createZoneDemandTable(test.documents, TABLE);
  const key = { cluster: "test", pool: "one" };
  expect(await table.read(key)).toEqual({});
  await table.write(key, { "us-east-1a": { count: 2.5, at: 1_000 } });
  expect(await table.read(key)).toEqual({ "us-east-1a": { count: 2.5, at: 1_000 } });
  expect(await table.read({ ...key, pool: "two" })).toEqual({});
});
