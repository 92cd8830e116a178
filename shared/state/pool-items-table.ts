/** Everything that the table holds of a pool, whatever kind of item it is. */
import { DeleteCommand, type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { PoolKey } from "../model/keys.ts";
import { partition } from "./partition.ts";

export interface PoolItemsTable {
  /** For a deleted pool. Throws the SDK's errors. */
  deleteAll(key: PoolKey): Promise<void>;
}

/** More than a pool ever leaves behind: a page is 1 MB. */
const MAX_PAGES = 100;

export const createPoolItemsTable = (documents: DynamoDBDocumentClient, TableName: string): PoolItemsTable => ({
  deleteAll: async (key) => {
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { Items = [], LastEvaluatedKey } = await documents.send(
        new QueryCommand({
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": partition(key) },
          ProjectionExpression: "pk, sk",
        }),
      );
      for (const { pk, sk } of Items) await documents.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
      if (!LastEvaluatedKey) return;
    }
    throw new Error(`deleting the items of ${partition(key)}: more than ${MAX_PAGES} pages`);
  },
});
