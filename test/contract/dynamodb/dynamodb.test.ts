/** The DynamoDB suites on dynalite, which the simulator uses, on moto, and on AWS's DynamoDB Local. */
import { afterAll, beforeAll, describe } from "vitest";
import { createTable, startTable, type TestTable } from "../../shared/dynamo.ts";
import { startDynamoDbLocal } from "../dynamodb-local.ts";
import type { Endpoint } from "../endpoint.ts";
import { startMoto } from "../moto.ts";
import type { ConnectTable, Engine } from "./engine.ts";
import { describeDynamoDb } from "./suites.ts";

const START_LIMIT_MS = 90_000;

interface Server {
  readonly client: Endpoint;
  stop(): Promise<void>;
}

const tableOn = async (start: () => Promise<Server>): Promise<TestTable> => {
  const server = await start();
  const table = await createTable(server.client);
  const stop = async () => {
    await table.stop();
    await server.stop();
  };
  return { ...table, stop };
};

const ENGINES: readonly (readonly [Engine, ConnectTable])[] = [
  ["dynalite", startTable],
  ["moto", () => tableOn(startMoto)],
  ["DynamoDB Local", () => tableOn(startDynamoDbLocal)],
];

for (const [engine, start] of ENGINES) {
  describe(engine, () => {
    let table: Promise<TestTable>;
    beforeAll(async () => {
      table = start();
      await table;
    }, START_LIMIT_MS);
    afterAll(async () => (await table).stop(), START_LIMIT_MS);
    describeDynamoDb(engine, () => table);
  });
}
