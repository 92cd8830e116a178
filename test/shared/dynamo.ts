/** The table of the stack, on dynalite or another implementation, for tests of what is kept in it. */
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import dynalite from "dynalite";
import { INSTANCE_INDEX } from "../../shared/model/keys.ts";
import { type Endpoint, endpointAt } from "../contract/endpoint.ts";

export const TABLE = "stratos";

export interface TestTable {
  readonly endpoint: string;
  readonly documents: DynamoDBDocumentClient;
  stop(): Promise<void>;
}

/** Creates the table where there is none. `stop` ends the client only. */
export const createTable = async (endpoint: Endpoint): Promise<TestTable> => {
  const client = new DynamoDBClient(endpoint);
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk", "instanceId"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: INSTANCE_INDEX,
          KeySchema: [{ AttributeName: "instanceId", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
  return {
    endpoint: endpoint.endpoint,
    documents: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    stop: async () => client.destroy(),
  };
};

/** The table on a dynalite of its own. */
export const startTable = async (): Promise<TestTable> => {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const table = await createTable(endpointAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  return {
    ...table,
    stop: async () => {
      await table.stop();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
};
