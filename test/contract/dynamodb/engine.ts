/** The guarantees of DynamoDB that the tables are built on. */
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, test } from "vitest";
import { INSTANCE_INDEX } from "../../../shared/model/keys.ts";
import { TABLE, type TestTable } from "../../shared/dynamo.ts";
import { documented } from "../documented.ts";

export type Engine = "documents in memory" | "dynalite" | "moto" | "DynamoDB Local";

/** The same table each time. */
export type ConnectTable = () => Promise<TestTable>;

/**
 * Runs all calls concurrently. On moto they run one after another, because it checks a condition and writes in two steps without a lock, so
 * that two writers may both win. ("Conditional writes" are atomic: Amazon DynamoDB Developer Guide.)
 */
export const atOnce = async <const Calls extends readonly (() => Promise<unknown>)[]>(engine: Engine, calls: Calls) => {
  const answers: unknown[] = [];
  if (engine === "moto") for (const call of calls) answers.push(await call());
  else answers.push(...(await Promise.all(calls.map((call) => call()))));
  return answers as { -readonly [Index in keyof Calls]: Awaited<ReturnType<Calls[Index]>> };
};

const ACCEPTED = /resolved .* instead of rejecting/;

export const describeEngine = (engine: Engine, connect: ConnectTable): void => {
  describe(`guarantees of DynamoDB, on ${engine}`, () => {
    let table: TestTable;
    beforeAll(async () => {
      table = await connect();
    });

    let items = 0;
    const aKey = () => {
      items += 1;
      return { pk: "ENGINE", sk: `item-${items}` };
    };
    const put = (item: Record<string, unknown>) =>
      table.documents.send(new PutCommand({ TableName: TABLE, Item: item }));
    const read = async (Key: Record<string, string>) => {
      const { Item } = await table.documents.send(new GetCommand({ TableName: TABLE, Key, ConsistentRead: true }));
      return Item;
    };
    const byInstance = (id: string, options = {}) =>
      table.documents.send(
        new QueryCommand({
          TableName: TABLE,
          IndexName: INSTANCE_INDEX,
          KeyConditionExpression: "instanceId = :id",
          ExpressionAttributeValues: { ":id": id },
          ...options,
        }),
      );

    test("a failed condition changes nothing, is reported as its own error and is not retried", async () => {
      const Key = aKey();
      await put({ ...Key, version: 2 });
      const write = new UpdateCommand({
        TableName: TABLE,
        Key,
        UpdateExpression: "SET version = :new, mark = :new",
        ConditionExpression: "version = :seen",
        ExpressionAttributeValues: { ":new": 9, ":seen": 1 },
      });
      await expect(table.documents.send(write)).rejects.toMatchObject({
        name: "ConditionalCheckFailedException",
        $metadata: { httpStatusCode: 400, attempts: 1 },
      });
      expect(await read(Key)).toEqual({ ...Key, version: 2 });
    });

    test("a condition on a missing attribute fails and creates no item", async () => {
      const Key = aKey();
      const write = new UpdateCommand({
        TableName: TABLE,
        Key,
        UpdateExpression: "SET version = :seen",
        ConditionExpression: "version = :seen",
        ExpressionAttributeValues: { ":seen": 1 },
      });
      await expect(table.documents.send(write)).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
      expect(await read(Key)).toBeUndefined();
    });

    test("an update without a condition creates the item, counts from 0 and returns the whole item", async () => {
      const Key = aKey();
      const write = new UpdateCommand({
        TableName: TABLE,
        Key,
        UpdateExpression: "SET kept = :kept REMOVE absent ADD counted :one",
        ExpressionAttributeValues: { ":kept": "é", ":one": 1 },
        ReturnValues: "ALL_NEW",
      });
      expect((await table.documents.send(write)).Attributes).toEqual({ ...Key, kept: "é", counted: 1 });
      expect((await table.documents.send(write)).Attributes).toEqual({ ...Key, kept: "é", counted: 2 });
    });

    test("a reserved word needs an alias to be an attribute name", async () => {
      const write = new UpdateCommand({
        TableName: TABLE,
        Key: aKey(),
        UpdateExpression: "SET state = :state",
        ExpressionAttributeValues: { ":state": "standby" },
      });
      await expect(table.documents.send(write)).rejects.toMatchObject({ name: "ValidationException" });
    });

    test("a page ends with the key after which the next page starts", async () => {
      for (const sk of ["a", "b", "c"]) await put({ pk: "PAGES", sk });
      const seen: unknown[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const query = { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": "PAGES" }, Limit: 2 };
        const page = await table.documents.send(new QueryCommand({ TableName: TABLE, ...query, ExclusiveStartKey }));
        seen.push((page.Items ?? []).map(({ sk }) => sk));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      expect(seen).toEqual([["a", "b"], ["c"]]);
    });

    test("an index holds whole items, and only items with its key", async () => {
      const item = { ...aKey(), instanceId: "i-indexed", other: { nested: [1, "two", null] } };
      await put(item);
      await put(aKey());
      expect((await byInstance("i-indexed")).Items).toEqual([item]);
    });

    test("an index has no strongly consistent reads", async () => {
      await expect(byInstance("i-1", { ConsistentRead: true })).rejects.toMatchObject({ name: "ValidationException" });
    });

    documented(
      engine,
      {
        name: "an index key cannot be an empty string",
        source: `"Attribute values" of "Naming rules and data types" (Amazon DynamoDB Developer Guide)`,
        deviations: { dynalite: ["accepts it", ACCEPTED] },
      },
      async () => {
        await expect(put({ ...aKey(), instanceId: "" })).rejects.toMatchObject({ name: "ValidationException" });
      },
    );

    test("a missing table is reported as its own error", async () => {
      const get = new GetCommand({ TableName: "no-such-table", Key: aKey() });
      await expect(table.documents.send(get)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    });
  });
};
