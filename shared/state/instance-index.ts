import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { INSTANCE_INDEX, type PoolKey } from "../model/keys.ts";

/** The pool whose record has the instance. The index is eventually consistent, so a miss does not prove that there is none. */
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
