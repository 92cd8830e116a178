/** The one request that demand may have with a pool. */
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { PoolKey } from "../model/keys.ts";
import type { LaunchRequest } from "../model/launch-request.ts";
import { partition } from "./partition.ts";

/** Every method throws the SDK's errors. */
export interface LaunchRequestsTable {
  /** A strongly consistent read. */
  read(key: PoolKey): Promise<LaunchRequest | undefined>;
  /** Takes the place of any that was there: it says all that demand wants. */
  write(key: PoolKey, request: LaunchRequest): Promise<void>;
  /** True for exactly one caller; false if it was taken before or another has taken its place. */
  take(key: PoolKey, id: string): Promise<boolean>;
  /** For a pool that is gone. */
  drop(key: PoolKey): Promise<void>;
}

const keyOf = (key: PoolKey) => ({ pk: partition(key), sk: "REQUEST" });

export const createLaunchRequestsTable = (
  documents: DynamoDBDocumentClient,
  TableName: string,
): LaunchRequestsTable => ({
  read: async (key) => {
    const answer = await documents.send(new GetCommand({ TableName, ConsistentRead: true, Key: keyOf(key) }));
    return answer.Item?.request as LaunchRequest | undefined;
  },
  write: async (key, request) => {
    await documents.send(new PutCommand({ TableName, Item: { ...keyOf(key), id: request.id, request } }));
  },
  drop: async (key) => {
    await documents.send(new DeleteCommand({ TableName, Key: keyOf(key) }));
  },
  take: async (key, id) => {
    try {
      await documents.send(
        new DeleteCommand({
          TableName,
          Key: keyOf(key),
          // Still the request that was read: another may ask for less.
          ConditionExpression: "id = :id",
          ExpressionAttributeValues: { ":id": id },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
      throw error;
    }
  },
});
