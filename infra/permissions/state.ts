import { Aws } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { ReconcilerKind } from "../../shared/model/events.ts";
import { clusterPartition, workPartition } from "../../shared/model/keys.ts";
import type { Cluster } from "../deployment.ts";
import type { Permission } from "./permission.ts";

/** Records and work items; no function needs Scan. */
export const tablePermission = (table: ITable): Permission => ({
  sid: "KeepState",
  actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"],
  resources: [table.tableArn],
});

/** Only the items of the work queue: leases, and what is due when. */
export const workPermission = (table: ITable, kind: ReconcilerKind): Permission => ({
  sid: "KeepLeases",
  actions: ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
  resources: [table.tableArn],
  conditions: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [workPartition(kind)] } },
});

export const tableQueryPermission = (table: ITable): Permission => ({
  sid: "QueryState",
  actions: ["dynamodb:Query"],
  resources: [table.tableArn],
});

export const indexQueryPermission = (table: ITable, indexName: string): Permission => ({
  sid: "FindInstances",
  actions: ["dynamodb:Query"],
  resources: [`${table.tableArn}/index/${indexName}`],
});

/** Only items of clusters as a whole: notices about spot instances. */
export const noticePermission = (table: ITable, clusters: readonly Cluster[]): Permission => ({
  sid: "RecordNotices",
  actions: ["dynamodb:PutItem"],
  resources: [table.tableArn],
  conditions: {
    "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": clusters.map(({ name }) => clusterPartition(name)) },
  },
});

/** Allows waking reconcilers; SendMessageBatch needs the same action. */
export const wakePermission = (queues: readonly IQueue[]): Permission => ({
  sid: "Wake",
  actions: ["sqs:SendMessage"],
  resources: queues.map(({ queueArn }) => queueArn),
});

/** For Lambda's pollers. ChangeMessageVisibility is theirs too: they need it to return a failed message of a batch. */
export const consumePermission = (queue: IQueue): Permission => ({
  sid: "ConsumeOwnQueue",
  actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
  resources: [queue.queueArn],
});

/** Allows acting in other accounts and regions, as far as the roles there do. */
export const assumePermission = (roleArns: readonly string[]): Permission => ({
  sid: "ActAtSites",
  actions: ["sts:AssumeRole"],
  resources: [...roleArns],
});

/** Allows reading the clusters' endpoints and certificates; Kubernetes RBAC decides what a function may do in them. */
export const findClustersPermission = (clusters: readonly Cluster[]): Permission => ({
  sid: "FindClusters",
  actions: ["eks:DescribeCluster"],
  resources: clusters.map(({ name }) => clusterArn(name)),
});

export const clusterArn = (name: string): string =>
  `arn:${Aws.PARTITION}:eks:${Aws.REGION}:${Aws.ACCOUNT_ID}:cluster/${name}`;
