/**
 * EC2's notices about spot instances. Nothing but the event says that one will be interrupted, so it is stored until the instance is gone. Items of the
 * cluster, not of a pool: one query tells demand that no instance is about to be interrupted.
 */
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { clusterPartition } from "../model/keys.ts";
import { undefinedIfLostRace } from "../model/lost-race.ts";
import type { SpotNotice } from "../model/spot-notice.ts";

/** Every method throws the SDK's errors. */
export interface SpotNoticesTable {
  /** A strongly consistent read. */
  read(cluster: string): Promise<readonly SpotNotice[]>;
  /** The first notice stays, except that a warning replaces a recommendation: EC2 may send each more than once, in any order. */
  record(cluster: string, notice: SpotNotice): Promise<void>;
  remove(cluster: string, instanceId: string): Promise<void>;
}

const PREFIX = "SPOT#";

const keyOf = (cluster: string, instanceId: string) => ({
  pk: clusterPartition(cluster),
  sk: `${PREFIX}${instanceId}`,
});

export const createSpotNoticesTable = (client: DynamoDBDocumentClient, TableName: string): SpotNoticesTable => ({
  read: async (cluster) => {
    const notices: SpotNotice[] = [];
    const query = {
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":pk": clusterPartition(cluster), ":prefix": PREFIX },
    };
    for await (const { Items = [] } of paginateQuery({ client }, query))
      notices.push(...Items.map(({ notice }) => notice as SpotNotice));
    return notices;
  },
  record: async (cluster, notice) => {
    const { kind, instanceId } = notice;
    try {
      await client.send(
        new PutCommand({
          TableName,
          Item: { ...keyOf(cluster, instanceId), kind, notice },
          // There is none yet, or this one is a warning and that one a recommendation.
          ConditionExpression: "attribute_not_exists(pk) OR kind = :replaced",
          ExpressionAttributeValues: { ":replaced": kind === "interruption" ? "rebalance" : "none" },
        }),
      );
    } catch (error) {
      undefinedIfLostRace(error);
    }
  },
  remove: async (cluster, instanceId) => {
    await client.send(new DeleteCommand({ TableName, Key: keyOf(cluster, instanceId) }));
  },
});
