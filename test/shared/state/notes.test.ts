import { afterAll, beforeAll } from "vitest";
import { describeNotes } from "../../contract/dynamodb/notes.ts";
import { startTable, type TestTable } from "../dynamo.ts";

let table: Promise<TestTable>;
beforeAll(() => {
  table = startTable();
});
afterAll(async () => (await table).stop());

// The same that the contract tests run on implementations of others.
describeNotes("dynalite", () => table);
