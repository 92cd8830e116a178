import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDynamoDb, type DynamoDb } from "../../../../local/aws/dynamodb/dynamodb.ts";
import { createClock, type VirtualClock } from "../../../../local/clock.ts";
import { seededRandom } from "../../../../local/environment/random.ts";
import { aCloud, type Cloud } from "../gateway/a-cloud.ts";

const TableName = "pools";
const text = (S: string) => ({ S });
const Key = { pk: text("POOL#c/p") };

describe("DynamoDB with a lag of up to 2 s", () => {
  let clock: VirtualClock;
  let cloud: Cloud;
  let dynamodb: DynamoDb;
  let client: DynamoDBClient;
  beforeEach(async () => {
    clock = createClock(Number.POSITIVE_INFINITY, Date.now(), 0);
    dynamodb = createDynamoDb({ clock, random: seededRandom(1), maxMs: 2000 });
    cloud = await aCloud([dynamodb.service]);
    client = cloud.dynamodb();
    await dynamodb.createTable({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "id"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-id",
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    });
  });
  afterEach(async () => {
    client.destroy();
    await cloud.stop();
    clock.stop();
    await dynamodb.stop();
  });

  const put = (id: string) => client.send(new PutItemCommand({ TableName, Item: { ...Key, id: text(id) } }));
  const inIndex = async (id: string) => {
    const ExpressionAttributeValues = { ":id": text(id) };
    const where = { IndexName: "by-id", KeyConditionExpression: "id = :id", ExpressionAttributeValues };
    return (await client.send(new QueryCommand({ TableName, ...where }))).Count;
  };
  const get = async (ConsistentRead: boolean) =>
    (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead }))).Item?.id?.S;
  const times = <T>(count: number, act: () => Promise<T>) => Promise.all(Array.from({ length: count }, act));
  /** Runs the work without letting time pass before it is done. */
  const atOnce = <T>(work: () => Promise<T>) => clock.busy(work);

  it("shows writes in the index only later", async () => {
    const seen = await atOnce(async () => {
      await put("i-1");
      return inIndex("i-1");
    });
    expect(seen).toBe(0);
    await clock.sleep(2001);
    expect(await inIndex("i-1")).toBe(1);
  });

  it("returns former values now and then, but never to a consistent read", async () => {
    await put("i-1");
    await clock.sleep(2001);
    const [eventual, consistent] = await atOnce(async () => {
      await put("i-2");
      return [await times(30, () => get(false)), await times(30, () => get(true))];
    });
    expect(new Set(eventual)).toEqual(new Set(["i-1", "i-2"]));
    expect(new Set(consistent)).toEqual(new Set(["i-2"]));
    await clock.sleep(2001);
    expect(new Set(await times(30, () => get(false)))).toEqual(new Set(["i-2"]));
  });

  it("never shows an earlier write after a later one, nor a write before its time", async () => {
    const shown = await atOnce(async () => {
      for (let write = 0; write < 30; write += 1) await put(`${write}`);
      return times(60, () => get(false));
    });
    // Nothing is due yet, so what is not the last value is none at all.
    expect(new Set(shown)).toEqual(new Set([undefined, "29"]));
    const versions: number[] = [];
    for (let read = 0; read < 100; read += 1) {
      await clock.sleep(25);
      versions.push(Number((await get(false)) ?? -1));
    }
    const ofReplica = versions.filter((version) => version !== 29);
    expect(new Set(ofReplica).size).toBeGreaterThan(2);
    expect(ofReplica).toEqual(ofReplica.toSorted((one, other) => one - other));
  });

  it.each([
    [
      "updates",
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: "SET id = :id",
        ExpressionAttributeValues: { ":id": text("i-2") },
      }),
    ],
    ["deletions", new DeleteItemCommand({ TableName, Key })],
    ["batches", new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ DeleteRequest: { Key } }] } })],
  ])("applies %s too", async (_, command) => {
    await put("i-1");
    await clock.sleep(2001);
    const seen = await atOnce(async () => {
      await client.send(command as UpdateItemCommand);
      return inIndex("i-1");
    });
    expect(seen).toBe(1);
    await clock.sleep(2001);
    expect(await inIndex("i-1")).toBe(0);
  });
});
