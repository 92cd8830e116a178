import { afterAll, beforeAll, expect, it } from "vitest";
import { createRequestTable } from "../../../shared/state/requests.ts";
import { startTable, TABLE, type TestTable } from "../dynamo.ts";

let test: TestTable;

beforeAll(async () => {
  test = await startTable();
});

afterAll(() => test.stop());

const aRequest = (id: string) => ({
  id,
  askedAt: 1_000,
  launches: [{ instanceType: "m5.large", zone: "us-east-1a", count: 2, demandSince: 500 }],
  seen: { "stratos-1": 1 },
});

it("a request is read as it was asked, and taken by one of many", async () => {
  const requests = createRequestTable(test.documents, TABLE);
  const key = { cluster: "test", pool: "one" };
  await requests.ask(key, aRequest("a"));
  expect(await requests.read(key)).toEqual(aRequest("a"));
  const taken = await Promise.all(Array.from({ length: 5 }, () => requests.take(key, "a")));
  expect(taken.filter(Boolean)).toHaveLength(1);
  expect(await requests.read(key)).toBeUndefined();
});

it("a request that another has replaced cannot be taken", async () => {
  const requests = createRequestTable(test.documents, TABLE);
  const key = { cluster: "test", pool: "two" };
  await requests.ask(key, aRequest("a"));
  await requests.ask(key, aRequest("b"));
  expect(await requests.take(key, "a")).toBe(false);
  expect(await requests.take(key, "b")).toBe(true);
});
