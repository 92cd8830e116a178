import { expect, it, onTestFinished } from "vitest";
import { createZoneDemandTable } from "../../../shared/state/zone-demand-table.ts";
import { startTable, TABLE } from "../dynamo.ts";

it("demand by zone is kept for each pool", async () => {
  const test = await startTable();
  onTestFinished(() => test.stop());
  const zones = createZoneDemandTable(test.documents, TABLE);
  const key = { cluster: "test", pool: "one" };
  expect(await zones.read(key)).toEqual({});
  await zones.write(key, { "us-east-1a": { count: 2.5, at: 1_000 } });
  expect(await zones.read(key)).toEqual({ "us-east-1a": { count: 2.5, at: 1_000 } });
  expect(await zones.read({ ...key, pool: "two" })).toEqual({});
});
