/** The parameters of launches that are not complete yet. */
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { LaunchSpec } from "../model/ec2.ts";
import type { PoolKey } from "../model/keys.ts";
import { isLostRace } from "../model/lost-race.ts";
import { partition, SORT_KEY } from "./keys.ts";

/** Every method throws the SDK's errors. */
export interface LaunchSpecsTable {
  /** Stores the parameters before EC2 is called. If the token already has parameters, keeps and returns those. */
  saveLaunch(key: PoolKey, launch: LaunchSpec): Promise<LaunchSpec>;
  /** A strongly consistent read. */
  readLaunch(key: PoolKey, token: string): Promise<LaunchSpec | undefined>;
  dropLaunch(key: PoolKey, token: string): Promise<void>;
}

const launchKey = (key: PoolKey, token: string) => ({ pk: partition(key), sk: `${SORT_KEY.launches}${token}` });

export const createLaunchSpecsTable = (documents: DynamoDBDocumentClient, TableName: string): LaunchSpecsTable => {
  const readLaunch = async (key: PoolKey, token: string): Promise<LaunchSpec | undefined> => {
    const answer = await documents.send(
      new GetCommand({ TableName, ConsistentRead: true, Key: launchKey(key, token) }),
    );
    return answer.Item?.launch as LaunchSpec | undefined;
  };

  const saveLaunch = async (key: PoolKey, launch: LaunchSpec): Promise<LaunchSpec> => {
    const Item = { ...launchKey(key, launch.clientToken), launch };
    try {
      // A token always stands for the same parameters: a second writer gets those of the first.
      await documents.send(new PutCommand({ TableName, Item, ConditionExpression: "attribute_not_exists(pk)" }));
      return launch;
    } catch (error) {
      if (!isLostRace(error)) throw error;
      return (await readLaunch(key, launch.clientToken)) ?? launch;
    }
  };

  const dropLaunch = async (key: PoolKey, token: string) => {
    await documents.send(new DeleteCommand({ TableName, Key: launchKey(key, token) }));
  };

  return { saveLaunch, readLaunch, dropLaunch };
};
