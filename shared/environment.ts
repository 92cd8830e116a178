/** Names of the environment variables that the stack sets and the functions read. */
export const ENV = {
  /** Name of the DynamoDB table that holds instance records and the work queue. */
  tableName: "STRATOS_TABLE_NAME",
  /** JSON: `[{"name": "my-cluster", "region": "us-east-1"}]`, the clusters this deployment serves. */
  clusters: "STRATOS_CLUSTERS",
  demandQueueUrl: "STRATOS_DEMAND_QUEUE_URL",
  poolQueueUrl: "STRATOS_POOL_QUEUE_URL",
  nodeClassQueueUrl: "STRATOS_NODECLASS_QUEUE_URL",
} as const;
