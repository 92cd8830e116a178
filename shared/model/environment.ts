import type { Site } from "./site.ts";

/** Names of the environment variables that the stack sets and the functions read. */
export const ENV = {
  /** Name of the DynamoDB table that holds instance records and the work queue. */
  tableName: "STRATOS_TABLE_NAME",
  /**
   * JSON: `[{"name": "my-cluster"}, {"name": "other", "region": "eu-west-1", "account": "123456789012"}]`, the clusters this deployment serves. Region
   * and account only of those that are not in the functions' own.
   */
  clusters: "STRATOS_CLUSTERS",
  demandQueueUrl: "STRATOS_DEMAND_QUEUE_URL",
  poolQueueUrl: "STRATOS_POOL_QUEUE_URL",
  nodeClassQueueUrl: "STRATOS_NODECLASS_QUEUE_URL",
} as const;

export interface ClusterSettings {
  readonly name: string;
  readonly region?: string;
  readonly account?: string;
}

/** Throws an error that names the variable: a function must not start without its settings. */
const required = (environment: NodeJS.ProcessEnv, name: string): string => {
  const value = environment[name];
  if (!value) throw new Error(`the environment variable ${name} is not set`);
  return value;
};

export interface Settings {
  readonly region: string;
  readonly tableName: string;
  /** Names of the clusters this deployment serves. */
  readonly clusters: readonly string[];
  readonly sites: readonly Site[];
  readonly queueUrls: { readonly demand?: string; readonly pool?: string; readonly nodeclass?: string };
}

const sitesOf = (clusters: readonly ClusterSettings[], home: string): Site[] => {
  const bySite = Map.groupBy(clusters, ({ account = "", region = home }) => `${account} ${region}`);
  return [...bySite.values()].map((group) => ({
    region: group[0]?.region ?? home,
    account: group[0]?.account,
    clusters: group.map(({ name }) => name),
  }));
};

/** Parsed once, at cold start. */
export const readSettings = (environment: NodeJS.ProcessEnv): Settings => {
  const clusters = JSON.parse(required(environment, ENV.clusters)) as readonly ClusterSettings[];
  const home = required(environment, "AWS_REGION");
  return {
    region: home,
    sites: sitesOf(clusters, home),
    tableName: required(environment, ENV.tableName),
    clusters: clusters.map(({ name }) => name),
    queueUrls: {
      demand: environment[ENV.demandQueueUrl],
      pool: environment[ENV.poolQueueUrl],
      nodeclass: environment[ENV.nodeClassQueueUrl],
    },
  };
};
