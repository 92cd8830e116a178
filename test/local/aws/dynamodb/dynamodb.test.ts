import { GetItemCommand, PutItemCommand, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDynamoDb, type DynamoDb } from "../../../../local/aws/dynamodb/dynamodb.ts";
import { aCloud, type Cloud } from "../gateway/a-cloud.ts";

const ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/pools";
const ITEM = { pk: { S: "POOL#c/p" }, sk: { S: "SLOT#0001" }, instanceId: { S: "i-1" } };

describe("DynamoDB behind the gateway", () => {
  let cloud: Cloud;
  let dynamodb: DynamoDb;
  beforeEach(async () => {
    dynamodb = createDynamoDb();
    cloud = await aCloud([dynamodb.service]);
    await dynamodb.createTable({
      TableName: "pools",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk", "instanceId"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-instance-id",
          KeySchema: [{ AttributeName: "instanceId", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    });
  });
  afterEach(async () => {
    await cloud.stop();
    await dynamodb.stop();
  });

  it("returns a stored item, also through the index", async () => {
    const client = cloud.dynamodb();
    await client.send(new PutItemCommand({ TableName: "pools", Item: ITEM }));
    const { Items } = await client.send(
      new QueryCommand({
        TableName: "pools",
        IndexName: "by-instance-id",
        KeyConditionExpression: "instanceId = :id",
        ExpressionAttributeValues: { ":id": { S: "i-1" } },
      }),
    );
    expect(Items).toEqual([ITEM]);
  });

  it("lets exactly one of 20 concurrent conditional puts succeed", async () => {
    const client = cloud.dynamodb();
    const put = () =>
      client
        .send(new PutItemCommand({ TableName: "pools", Item: ITEM, ConditionExpression: "attribute_not_exists(pk)" }))
        .then(() => "won")
        .catch((error: Error) => error.name);
    const outcomes = await Promise.all(Array.from({ length: 20 }, put));
    expect(outcomes.filter((outcome) => outcome === "won")).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(["won", "ConditionalCheckFailedException"]));
  });

  it("allows a role only what its policy names, with table and index as separate resources", async () => {
    const keys = cloud.roleKeys("reader", {
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:Query"],
      Resource: ARN,
    });
    const client = cloud.dynamodb(keys);
    const Key = { pk: ITEM.pk, sk: ITEM.sk };
    await expect(client.send(new GetItemCommand({ TableName: "pools", Key }))).resolves.toBeDefined();
    await expect(client.send(new ScanCommand({ TableName: "pools" }))).rejects.toThrow(
      `is not authorized to perform: dynamodb:Scan on resource: ${ARN}`,
    );
    const query = new QueryCommand({
      TableName: "pools",
      IndexName: "by-instance-id",
      KeyConditionExpression: "instanceId = :id",
      ExpressionAttributeValues: { ":id": { S: "i-1" } },
    });
    await expect(client.send(query)).rejects.toThrow(expect.objectContaining({ name: "AccessDeniedException" }));
    expect(cloud.authorizer.denials().map(({ resource }) => resource)).toEqual([ARN, `${ARN}/index/by-instance-id`]);
  });

  it("allows a role only the partitions that its policy names", async () => {
    const keys = cloud.roleKeys("leases", {
      Effect: "Allow",
      Action: ["dynamodb:PutItem", "dynamodb:Query"],
      Resource: ARN,
      Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["WORK#pool"] } },
    });
    const client = cloud.dynamodb(keys);
    const queryOf = (pk: string) =>
      new QueryCommand({
        TableName: "pools",
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: pk } },
      });
    const Item = { ...ITEM, pk: { S: "WORK#pool" } };
    await expect(client.send(new PutItemCommand({ TableName: "pools", Item }))).resolves.toBeDefined();
    await expect(client.send(new PutItemCommand({ TableName: "pools", Item: ITEM }))).rejects.toThrow("not authorized");
    await expect(client.send(queryOf("WORK#pool"))).resolves.toMatchObject({ Count: 1 });
    await expect(client.send(queryOf("POOL#c/p"))).rejects.toThrow("not authorized");
  });
});
