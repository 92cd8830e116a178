import { describe, expect, it } from "vitest";
import { findPool } from "../../shared/state/instance-index.ts";
import { describeSlots } from "../contract/dynamodb/slots.ts";
import { describeWorkKeys } from "../contract/dynamodb/work-keys.ts";
import { TABLE, type TestTable } from "./dynamo.ts";
import { parseCondition, parseUpdate } from "./dynamodb-expressions.ts";
import { createInMemoryDocuments } from "./in-memory-documents.ts";

const { client } = createInMemoryDocuments();
const table: TestTable = { endpoint: "", documents: client, stop: async () => {} };

// The same tests that the contract tests run against DynamoDB's implementations.
describeSlots("documents in memory", async () => table);
describeWorkKeys("documents in memory", async () => table);

describe("documents in memory", () => {
  it("find the pool of an instance by the index", async () => {
    const documents = createInMemoryDocuments();
    documents.execute({
      constructor: { name: "PutCommand" },
      input: { Item: { pk: "POOL#c/p", sk: "SLOT#0001", cluster: "c", pool: "p", instanceId: "i-1" } },
    });
    expect(await findPool(documents.client, TABLE, "i-1")).toEqual({ cluster: "c", pool: "p" });
    expect(await findPool(documents.client, TABLE, "i-2")).toBeUndefined();
  });

  it("refuse commands that are not simulated", () => {
    const execute = () => createInMemoryDocuments().execute({ constructor: { name: "ScanCommand" }, input: {} });
    expect(execute).toThrow("ScanCommand is not simulated");
  });
});

describe("conditions", () => {
  const holds = (condition: string, item: object, values: object = {}) =>
    parseCondition(condition)(item as Record<string, unknown>, { names: { "#n": "name" }, values: { ...values } });

  it.each([
    ["a = :one", { a: 1 }, true],
    ["a = :one", {}, false],
    ["a <= :one OR b = :one", { b: 1 }, true],
    ["a = :one AND b = :one", { a: 1 }, false],
    ["(a = :one OR b = :one) AND attribute_exists(c)", { b: 1, c: 0 }, true],
    ["attribute_not_exists(a)", { a: 1 }, false],
    ["a = b", { a: 2, b: 2 }, true],
    ["begins_with(#n, :prefix)", { name: "SLOT#1" }, true],
    ["name BETWEEN :prefix AND :last AND a = :one", { name: "SLOT#7", a: 1 }, true],
    ["name BETWEEN :prefix AND :last", { name: "ZONES" }, false],
  ])("%s of %o is %s", (condition, item, expected) => {
    expect(holds(condition, item, { ":one": 1, ":prefix": "SLOT#", ":last": "TROUBLE" })).toBe(expected);
  });

  it("that are not simulated are refused", () => {
    expect(() => parseCondition("a IN :one")).toThrow("is not simulated");
  });
});

describe("updates", () => {
  it("set, add and remove, all of the item as it was", () => {
    const update = parseUpdate("SET a = if_not_exists(a, :none) + :one, b = a ADD c :one REMOVE d");
    const values = { ":none": 0, ":one": 1 };
    expect(update({ a: 4, d: 1 }, { names: {}, values })).toEqual({ a: 5, b: 4, c: 1 });
  });
});
