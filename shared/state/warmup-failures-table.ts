/** The record of a pool's consecutive warmup failures. */
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { PoolKey } from "../model/keys.ts";
import type { WarmupFailures } from "../model/warmup-failures.ts";
import { partition } from "./partition.ts";

export interface WarmupFailuresTable {
  /** A strongly consistent read. */
  readWarmupFailures(key: PoolKey): Promise<WarmupFailures | undefined>;
  /** Undefined removes it. Only the pool's reconciler writes it, so the write needs no condition. */
  writeWarmupFailures(key: PoolKey, failures: WarmupFailures | undefined): Promise<void>;
}

const keyOf = (key: PoolKey) => ({ pk: partition(key), sk: "TROUBLE" });

export const createWarmupFailuresTable = (
  documents: DynamoDBDocumentClient,
  TableName: string,
): WarmupFailuresTable => ({
  readWarmupFailures: async (key) => {
    const answer = await documents.send(new GetCommand({ TableName, ConsistentRead: true, Key: keyOf(key) }));
    return answer.Item?.trouble as WarmupFailures | undefined;
  },
  writeWarmupFailures: async (key, failures) => {
    if (failures) await documents.send(new PutCommand({ TableName, Item: { ...keyOf(key), trouble: failures } }));
    else await documents.send(new DeleteCommand({ TableName, Key: keyOf(key) }));
  },
});
