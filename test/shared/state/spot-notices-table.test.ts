import { afterAll, beforeAll, expect, it } from "vitest";
import type { SpotNotice } from "../../../shared/model/spot-notice.ts";
import { createSpotNoticesTable } from "../../../shared/state/spot-notices-table.ts";
import { startTable, TABLE, type TestTable } from "../dynamo.ts";

let test: TestTable;

beforeAll(async () => {
  test = await startTable();
});

afterAll(() => test.stop());

const notice = (kind: SpotNotice["kind"], at: number): SpotNotice => ({ instanceId: "i-1", pool: "workers", kind, at });

it.each([
  ["the first of several warnings", ["interruption", "interruption"], 1],
  ["the first of several recommendations", ["rebalance", "rebalance"], 1],
  ["a warning after a recommendation", ["rebalance", "interruption"], 2],
  ["a warning before a recommendation", ["interruption", "rebalance"], 1],
] as const)("%s counts, in its cluster only, until it is removed", async (name, [first, second], expected) => {
  const table = createSpotNoticesTable(test.documents, TABLE);
  await table.record(name, notice(first, 1));
  await table.record(name, notice(second, 2));
  expect((await table.read(name)).map(({ at }) => at)).toEqual([expected]);
  expect(await table.read("other")).toEqual([]);
  await table.remove(name, "i-1");
  expect(await table.read(name)).toEqual([]);
});
