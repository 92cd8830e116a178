import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { overdueKeys } from "../../../shared/reconcilers/sweep/sweep.ts";
import { describeWorkKeys } from "../../contract/dynamodb/work-keys.ts";
import { startTable, type TestTable } from "../dynamo.ts";
import { aWorkItem } from "./in-memory.ts";

let table: Promise<TestTable>;
beforeAll(() => {
  table = startTable();
});
afterAll(async () => (await table).stop());

// The same tests that the contract tests run against other implementations.
describeWorkKeys("dynalite", () => table);

const NOW = 1_000_000;

describe("overdue", () => {
  it.each([
    { name: "a clean key", item: {}, overdue: false },
    { name: "a dirty key without a worker", item: { dirtySeq: 2 }, overdue: true },
    { name: "a dirty key with a lease", item: { dirtySeq: 2, leaseUntil: NOW + 1 }, overdue: false },
    { name: "a dirty key in its backoff", item: { dirtySeq: 2, failures: 1, nextWakeAt: NOW + 1 }, overdue: false },
    { name: "a dirty key whose timer is pending", item: { dirtySeq: 2, nextWakeAt: NOW + 1 }, overdue: true },
    { name: "a key whose timer is slightly late", item: { nextWakeAt: NOW - 29_000 }, overdue: false },
    { name: "a key whose timer was lost", item: { nextWakeAt: NOW - 30_000 }, overdue: true },
  ])("$name: $overdue", ({ item, overdue }) => {
    expect(overdueKeys([aWorkItem(item)], NOW)).toEqual(overdue ? ["c/p"] : []);
  });
});
