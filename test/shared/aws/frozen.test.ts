import { type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createDynamoDb, type DynamoDb } from "../../../local/aws/dynamodb/dynamodb.ts";
import { createCredentials } from "../../../local/aws/gateway/credentials.ts";
import { type Gateway, startGateway } from "../../../local/aws/gateway/gateway.ts";
import { createAuthorizer } from "../../../local/aws/iam/policy/authorizer.ts";
import { createRoles } from "../../../local/aws/iam/policy/roles.ts";
import { createClock, type VirtualClock } from "../../../local/clock.ts";
import { documentClient } from "../../../shared/aws/clients.ts";

const TableName = "pools";

/** A function's client after the function was frozen for longer than AWS keeps a connection. */
describe("an AWS client that was frozen", () => {
  let clock: VirtualClock;
  let dynamodb: DynamoDb;
  let gateway: Gateway;
  beforeEach(async () => {
    // The client signs with the real time.
    clock = createClock(Number.POSITIVE_INFINITY, Date.now());
    dynamodb = createDynamoDb();
    await dynamodb.createTable({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    });
    const credentials = createCredentials();
    const authorizer = createAuthorizer(createRoles());
    gateway = await startGateway({
      clock,
      services: [dynamodb.service],
      credentials,
      authorizer,
      idleConnectionMs: 20_000,
    });
    const environment = {
      AWS_REGION: "us-east-1",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_ENDPOINT_URL: gateway.url,
    };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await gateway.stop();
    clock.stop();
    await dynamodb.stop();
  });

  const putWith = (documents: DynamoDBDocumentClient, pk: string) =>
    documents.send(new PutCommand({ TableName, Item: { pk }, ConditionExpression: "attribute_not_exists(pk)" }));

  it("writes on a new connection, once", async () => {
    const documents = documentClient();
    onTestFinished(() => documents.destroy());
    await putWith(documents, "a");
    await clock.sleep(60_000);
    await expect(putWith(documents, "b")).resolves.toBeDefined();
  });

  it("writes although more connections were lost than it makes attempts [idle connections]", async () => {
    const documents = documentClient();
    onTestFinished(() => documents.destroy());
    await Promise.all([..."abcdefgh"].map((pk) => putWith(documents, pk)));
    await clock.sleep(60_000);
    await expect(putWith(documents, "i")).resolves.toBeDefined();
  });
});
