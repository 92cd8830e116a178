import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { PoolKey } from "../model/keys.ts";

/** Name of the table's index by EC2 instance id. */
export const INSTANCE_INDEX = "by-instance-id";

/** The pool whose record names the instance. The index lags behind the table by moments, so a miss is no proof. */
export const findPool = async (
  documents: DynamoDBDocumentClient,
  tableName: string,
  instanceId: string,
): Promise<PoolKey | undefined> => {
  const { Items = [] } = await documents.send(
    new QueryCommand({
      TableName: tableName,
      IndexName: INSTANCE_INDEX,
      KeyConditionExpression: "instanceId = :id",
      ExpressionAttributeValues: { ":id": instanceId },
      Limit: 1,
    }),
  );
  const [item] = Items;
  return item && { cluster: String(item.cluster), pool: String(item.pool) };
};
