/** Launch requests from the demand reconciler to pools: at most one per pool. */
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { PoolKey } from "../model/keys.ts";
import type { LaunchRequest } from "../model/launch-request.ts";
import { isLostRace } from "../model/lost-race.ts";
import { partition, SORT_KEY } from "./keys.ts";

/** Every method throws the SDK's errors. */
export interface LaunchRequestsTable {
  /** A strongly consistent read. */
  read(key: PoolKey): Promise<LaunchRequest | undefined>;
  /** Replaces any existing request: each one states the whole demand. */
  write(key: PoolKey, request: LaunchRequest): Promise<void>;
  /** Removes the request. True for exactly one caller; false if it was already taken or replaced. */
  take(key: PoolKey, id: string): Promise<boolean>;
}

const keyOf = (key: PoolKey) => ({ pk: partition(key), sk: SORT_KEY.launchRequest });

/** The request in the item of a pool. */
export const toLaunchRequest = (item: Record<string, unknown>): LaunchRequest => item.request as LaunchRequest;

export const createLaunchRequestsTable = (
  documents: DynamoDBDocumentClient,
  TableName: string,
): LaunchRequestsTable => ({
  read: async (key) => {
    const { Item } = await documents.send(new GetCommand({ TableName, ConsistentRead: true, Key: keyOf(key) }));
    return Item && toLaunchRequest(Item);
  },
  write: async (key, request) => {
    await documents.send(new PutCommand({ TableName, Item: { ...keyOf(key), id: request.id, request } }));
  },
  take: async (key, id) => {
    try {
      await documents.send(
        new DeleteCommand({
          TableName,
          Key: keyOf(key),
          // Still the request that was read: a newer one may request less.
          ConditionExpression: "id = :id",
          ExpressionAttributeValues: { ":id": id },
        }),
      );
      return true;
    } catch (error) {
      if (isLostRace(error)) return false;
      throw error;
    }
  },
});
