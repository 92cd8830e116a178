import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { ReconcilerKind } from "../../shared/model/events.ts";
import { INSTANCE_INDEX } from "../../shared/model/keys.ts";
import type { Cluster } from "../deployment.ts";
import type { FunctionName, KubernetesFunctionName } from "../functions.ts";
import {
  describePermission,
  instancePermission,
  launchPermissions,
  resizePermission,
  retagPermission,
} from "./instances.ts";
import { keyPermissions } from "./keys.ts";
import { imageParameterPermission, instanceProfilePermissions } from "./node-class.ts";
import type { Permission } from "./permission.ts";
import {
  findClustersPermission,
  indexQueryPermission,
  noticePermission,
  tablePermission,
  tableQueryPermission,
  wakePermission,
  workPermission,
} from "./state.ts";

export interface Scope {
  readonly clusters: readonly Cluster[];
  readonly table: ITable;
  readonly queues: Readonly<Record<ReconcilerKind, IQueue>>;
}

/** What each function may do with the deployment's state, besides writing its logs and consuming its queue. */
export const statePermissions = ({ clusters, table, queues }: Scope): Readonly<Record<FunctionName, Permission[]>> => {
  const { demand, pool, nodeclass } = queues;
  return {
    demand: [tablePermission(table), wakePermission([demand, pool])],
    pool: [tablePermission(table), wakePermission([demand, pool, nodeclass])],
    nodeclass: [workPermission(table, "nodeclass"), wakePermission([pool, nodeclass])],
    "ec2-events": [
      indexQueryPermission(table, INSTANCE_INDEX),
      noticePermission(table, clusters),
      wakePermission([demand, pool]),
    ],
    sweep: [tableQueryPermission(table), wakePermission([demand, pool, nodeclass])],
  };
};

type SitePermissions = Readonly<Record<KubernetesFunctionName, Permission[]>>;

/** What each function may do in an account and region with clusters. */
export const sitePermissions = (clusters: readonly Cluster[]): SitePermissions => {
  const describeClusters = findClustersPermission(clusters);
  return {
    demand: [
      describeClusters,
      describePermission(["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"]),
      instancePermission(clusters, ["ec2:StartInstances"]),
      resizePermission(clusters),
      ...keyPermissions(clusters),
    ],
    pool: [
      describeClusters,
      describePermission(["ec2:DescribeInstances", "ec2:DescribeInstanceStatus"]),
      ...launchPermissions(clusters),
      instancePermission(clusters, ["ec2:StartInstances", "ec2:StopInstances", "ec2:TerminateInstances"]),
      resizePermission(clusters),
      retagPermission(clusters),
      ...keyPermissions(clusters),
    ],
    nodeclass: [
      describeClusters,
      describePermission([
        "ec2:DescribeImages",
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
      ]),
      imageParameterPermission(),
      ...instanceProfilePermissions(clusters),
    ],
    sweep: [describeClusters, describePermission(["ec2:DescribeInstances"])],
  };
};
