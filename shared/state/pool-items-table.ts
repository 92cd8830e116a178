/** Everything that the table holds of a pool, whatever kind of item it is. */
import { DeleteCommand, type DynamoDBDocumentClient, paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { InstanceRecord } from "../model/instance-record.ts";
import type { PoolKey } from "../model/keys.ts";
import type { LaunchRequest } from "../model/launch-request.ts";
import type { WarmupFailures } from "../model/warmup-failures.ts";
import { partition, SORT_KEY } from "./keys.ts";
import { toLaunchRequest } from "./launch-requests-table.ts";
import { toRecord } from "./slots-table.ts";
import { toWarmupFailures } from "./warmup-failures-table.ts";

/** What a reconcile decides on. */
export interface PoolItems {
  /** In slot order. */
  readonly records: readonly InstanceRecord[];
  readonly request: LaunchRequest | undefined;
  readonly warmupFailures: WarmupFailures | undefined;
}

/** Every method throws the SDK's errors. */
export interface PoolItemsTable {
  /** A strongly consistent read, which costs one call for up to 1 MB of items. */
  read(key: PoolKey): Promise<PoolItems>;
  /** For a deleted pool. */
  deleteAll(key: PoolKey): Promise<void>;
}

export const createPoolItemsTable = (client: DynamoDBDocumentClient, TableName: string): PoolItemsTable => ({
  read: async (key) => {
    const items: Record<string, unknown>[] = [];
    const query = {
      TableName,
      ConsistentRead: true,
      // In the order of sort keys these three kinds are neighbours; stored launches, with their user data, come before them.
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
      ExpressionAttributeValues: {
        ":pk": partition(key),
        ":first": SORT_KEY.launchRequest,
        ":last": SORT_KEY.warmupFailures,
      },
    };
    for await (const { Items = [] } of paginateQuery({ client }, query)) items.push(...Items);
    const [request] = items.filter(({ sk }) => sk === SORT_KEY.launchRequest).map(toLaunchRequest);
    const [warmupFailures] = items.filter(({ sk }) => sk === SORT_KEY.warmupFailures).map(toWarmupFailures);
    return {
      records: items.filter(({ sk }) => `${sk}`.startsWith(SORT_KEY.slots)).map(toRecord),
      request,
      warmupFailures,
    };
  },
  deleteAll: async (key) => {
    const query = {
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": partition(key) },
      ProjectionExpression: "pk, sk",
    };
    for await (const { Items = [] } of paginateQuery({ client }, query)) {
      for (const { pk, sk } of Items) await client.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
    }
  },
});
