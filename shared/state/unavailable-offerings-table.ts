/**
 * Where EC2 had no capacity lately. A mark is a place, such as `m5.large in us-east-1a`, with the time until which nothing is
 * asked of it; there are at most as many as instance types times zones and subnets, so none needs to be cleared away.
 */
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { UnavailableOfferings } from "../model/unavailable-offerings.ts";

/** Every method throws the SDK's errors. */
export interface UnavailableOfferingsTable {
  /** Those in force; a strongly consistent read. */
  read(cluster: string, now: number): Promise<UnavailableOfferings>;
  markUnavailable(cluster: string, place: string, until: number): Promise<void>;
}

const PREFIX = "NOCAPACITY#";
const MAX_PAGES = 10;

export const createUnavailableOfferingsTable = (
  documents: DynamoDBDocumentClient,
  tableName: string,
): UnavailableOfferingsTable => ({
  read: async (cluster, now) => {
    const marks = new Map<string, number>();
    let start: Record<string, unknown> | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { Items = [], LastEvaluatedKey } = await documents.send(
        new QueryCommand({
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
          ExpressionAttributeValues: { ":pk": `CLUSTER#${cluster}`, ":prefix": PREFIX },
          ExclusiveStartKey: start,
        }),
      );
      for (const { sk, until } of Items)
        if (Number(until) > now) marks.set(String(sk).slice(PREFIX.length), Number(until));
      start = LastEvaluatedKey;
      if (!start) return marks;
    }
    throw new Error(`reading the capacity marks of ${cluster}: more than ${MAX_PAGES} pages`);
  },
  markUnavailable: async (cluster, place, until) => {
    const Item = { pk: `CLUSTER#${cluster}`, sk: `${PREFIX}${place}`, until };
    await documents.send(new PutCommand({ TableName: tableName, Item }));
  },
});
