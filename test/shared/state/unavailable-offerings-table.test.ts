import { afterAll, beforeAll, expect, it } from "vitest";
import { offeringKey } from "../../../shared/model/unavailable-offerings.ts";
import { createUnavailableOfferingsTable } from "../../../shared/state/unavailable-offerings-table.ts";
import { startTable, TABLE, type TestTable } from "../dynamo.ts";

let test: TestTable;

beforeAll(async () => {
  test = await startTable();
});

afterAll(() => test.stop());

const LARGE = offeringKey({ instanceType: "m5.large", zone: "us-east-1a" });

it("an offering is unavailable until its time, in its cluster only", async () => {
  const table = createUnavailableOfferingsTable(test.documents, TABLE);
  await table.markUnavailable("one", LARGE, 1_000);
  expect(await table.read("one", 999)).toEqual(new Map([[LARGE, 1_000]]));
  expect(await table.read("one", 1_000)).toEqual(new Map());
  expect(await table.read("two", 0)).toEqual(new Map());
});

it("an offering that is marked again has the later time", async () => {
  const table = createUnavailableOfferingsTable(test.documents, TABLE);
  await table.markUnavailable("again", LARGE, 1_000);
  await table.markUnavailable("again", LARGE, 2_000);
  expect(await table.read("again", 0)).toEqual(new Map([[LARGE, 2_000]]));
});
