/** The record of a pool's consecutive warmup failures. */
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { PoolKey } from "../model/keys.ts";
import type { WarmupFailures } from "../model/warmup-failures.ts";
import { partition, SORT_KEY } from "./keys.ts";

export interface WarmupFailuresTable {
  /** Undefined removes it. Only the pool's reconciler writes it, so the write needs no condition. */
  writeWarmupFailures(key: PoolKey, failures: WarmupFailures | undefined): Promise<void>;
}

const keyOf = (key: PoolKey) => ({ pk: partition(key), sk: SORT_KEY.warmupFailures });

/** The record in the item of a pool. */
export const toWarmupFailures = (item: Record<string, unknown>): WarmupFailures => item.trouble as WarmupFailures;

export const createWarmupFailuresTable = (
  documents: DynamoDBDocumentClient,
  TableName: string,
): WarmupFailuresTable => ({
  writeWarmupFailures: async (key, failures) => {
    if (failures) await documents.send(new PutCommand({ TableName, Item: { ...keyOf(key), trouble: failures } }));
    else await documents.send(new DeleteCommand({ TableName, Key: keyOf(key) }));
  },
});
