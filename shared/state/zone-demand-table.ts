/** A pool's demand history by zone. */
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { PoolKey } from "../model/keys.ts";
import type { ZoneDemand } from "../model/zone-demand.ts";
import { partition, SORT_KEY } from "./keys.ts";

/** Every method throws the SDK's errors. */
export interface ZoneDemandTable {
  /** Empty if the pool has had no demand. */
  read(key: PoolKey): Promise<ZoneDemand>;
  /** Unconditional: a count lost to a concurrent write does no harm. */
  write(key: PoolKey, demand: ZoneDemand): Promise<void>;
}

const keyOf = (key: PoolKey) => ({ pk: partition(key), sk: SORT_KEY.zoneDemand });

export const createZoneDemandTable = (documents: DynamoDBDocumentClient, TableName: string): ZoneDemandTable => ({
  read: async (key) => {
    const { Item } = await documents.send(new GetCommand({ TableName, Key: keyOf(key) }));
    return (Item?.zones ?? {}) as ZoneDemand;
  },
  write: async (key, zones) => {
    await documents.send(new PutCommand({ TableName, Item: { ...keyOf(key), zones } }));
  },
});
