import { afterAll, beforeAll } from "vitest";
import { describeNotes } from "../../contract/dynamodb/notes.ts";
import { startTable, type TestTable } from "../dynamo.ts";

let table: Promise<TestTable>;
beforeAll(() => {
  table = startTable();
});
afterAll(async () => (await table).stop());

// The same tests that the contract tests run against other implementations.
describeNotes("dynalite", () => table);
