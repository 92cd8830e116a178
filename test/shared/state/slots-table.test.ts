import { afterAll, beforeAll } from "vitest";
import { describeSlots } from "../../contract/dynamodb/slots.ts";
import { startTable, type TestTable } from "../dynamo.ts";

let table: Promise<TestTable>;
beforeAll(() => {
  table = startTable();
});
afterAll(async () => (await table).stop());

// The same tests that the contract tests run against other implementations.
describeSlots("dynalite", () => table);
