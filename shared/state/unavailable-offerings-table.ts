/**
 * The offerings for which EC2 recently had no capacity. Each item is an offering key, such as `m5.large in us-east-1a`, with the time
 * until which nothing is launched there. There are at most instance types × (zones + subnets) items, so they need no cleanup.
 */
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { clusterPartition } from "../model/keys.ts";
import type { UnavailableOfferings } from "../model/unavailable-offerings.ts";

/** Every method throws the SDK's errors. */
export interface UnavailableOfferingsTable {
  /** The offerings that are unavailable at `now`; a strongly consistent read. */
  read(cluster: string, now: number): Promise<UnavailableOfferings>;
  markUnavailable(cluster: string, offering: string, until: number): Promise<void>;
}

const PREFIX = "NOCAPACITY#";
const MAX_PAGES = 10;

export const createUnavailableOfferingsTable = (
  documents: DynamoDBDocumentClient,
  tableName: string,
): UnavailableOfferingsTable => ({
  read: async (cluster, now) => {
    const unavailable = new Map<string, number>();
    let start: Record<string, unknown> | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { Items = [], LastEvaluatedKey } = await documents.send(
        new QueryCommand({
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
          ExpressionAttributeValues: { ":pk": clusterPartition(cluster), ":prefix": PREFIX },
          ExclusiveStartKey: start,
        }),
      );
      for (const { sk, until } of Items)
        if (Number(until) > now) unavailable.set(String(sk).slice(PREFIX.length), Number(until));
      start = LastEvaluatedKey;
      if (!start) return unavailable;
    }
    throw new Error(`reading the unavailable offerings of ${cluster}: more than ${MAX_PAGES} pages`);
  },
  markUnavailable: async (cluster, offering, until) => {
    const Item = { pk: clusterPartition(cluster), sk: `${PREFIX}${offering}`, until };
    await documents.send(new PutCommand({ TableName: tableName, Item }));
  },
});
