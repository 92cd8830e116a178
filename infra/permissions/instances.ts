/** EC2 and IAM permissions for launching and running instances, split as Karpenter's controller policy is. */
import { Aws } from "aws-cdk-lib";
import { MANAGED_BY, TAG } from "../../shared/model/names.ts";
import type { Cluster } from "../deployment.ts";
import type { Permission } from "./permission.ts";

const ec2Arn = (kind: string): string => `arn:${Aws.PARTITION}:ec2:${Aws.REGION}:${Aws.ACCOUNT_ID}:${kind}/*`;
/** Images and snapshots may belong to anybody; their ARNs name no account. */
const publicArn = (kind: string): string => `arn:${Aws.PARTITION}:ec2:${Aws.REGION}::${kind}/*`;

const LAUNCHED = ["instance", "volume", "network-interface"].map(ec2Arn);
/** Of this account, and named by a node class. */
const USED = ["subnet", "security-group", "placement-group", "capacity-reservation"];
/** Groups of capacity reservations are Resource Groups' own. */
const RESERVATION_GROUPS = `arn:${Aws.PARTITION}:resource-groups:${Aws.REGION}:${Aws.ACCOUNT_ID}:group/*`;
const NO_ID_YET = "What is launched has no id before; the condition on its tags decides";

const owned = (where: "RequestTag" | "ResourceTag", clusters: readonly Cluster[]) => ({
  [`aws:${where}/${TAG.managedBy}`]: MANAGED_BY,
  [`aws:${where}/${TAG.cluster}`]: clusters.map(({ name }) => name),
});

/** Launching with our tags on everything launched, and with the clusters' node roles only. */
export const launchPermissions = (clusters: readonly Cluster[]): Permission[] => {
  const tagged = {
    StringEquals: owned("RequestTag", clusters),
    StringLike: { [`aws:RequestTag/${TAG.pool}`]: "?*" },
  };
  return [
    {
      sid: "LaunchFrom",
      actions: ["ec2:RunInstances"],
      resources: [publicArn("image"), publicArn("snapshot"), ...USED.map(ec2Arn), RESERVATION_GROUPS],
      wildcardBecause: "Node classes choose what to launch from at run time",
    },
    {
      sid: "LaunchTagged",
      actions: ["ec2:RunInstances"],
      resources: LAUNCHED,
      conditions: tagged,
      wildcardBecause: NO_ID_YET,
    },
    {
      sid: "TagWhileLaunching",
      actions: ["ec2:CreateTags"],
      resources: LAUNCHED,
      conditions: { ...tagged, StringEquals: { ...tagged.StringEquals, "ec2:CreateAction": "RunInstances" } },
      wildcardBecause: NO_ID_YET,
    },
    passNodeRoles(clusters),
  ];
};

/** Handing one of the clusters' node roles to EC2; also needed to put a role into an instance profile. */
export const passNodeRoles = (clusters: readonly Cluster[]): Permission => ({
  sid: "PassNodeRoles",
  actions: ["iam:PassRole"],
  resources: [...new Set(clusters.flatMap(({ nodeRoles }) => nodeRoles))].map(
    (role) => `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${role}`,
  ),
  conditions: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
  wildcardBecause: "Tools end the names of node roles in a random suffix",
});

type InstanceAction = "ec2:StartInstances" | "ec2:StopInstances" | "ec2:TerminateInstances";

/** Acting on instances that carry our tags, and on no others. */
export const instancePermission = (clusters: readonly Cluster[], actions: InstanceAction[]): Permission => ({
  sid: "ActOnOwnInstances",
  actions,
  resources: [ec2Arn("instance")],
  conditions: { StringEquals: owned("ResourceTag", clusters) },
  wildcardBecause: "Instances come and go; the condition on their tags decides",
});

/** Keeping the tags current that mirror the record; those that say whose an instance is cannot be changed. */
export const retagPermission = (clusters: readonly Cluster[]): Permission => ({
  sid: "RetagOwnInstances",
  actions: ["ec2:CreateTags"],
  resources: [ec2Arn("instance")],
  conditions: {
    StringEquals: owned("ResourceTag", clusters),
    "ForAllValues:StringEquals": { "aws:TagKeys": [TAG.state, TAG.capacityType, TAG.replacingNode] },
    Null: { "aws:TagKeys": "false" },
  },
  wildcardBecause: "Instances come and go; the condition on their tags decides",
});

/** EC2 knows no resource-level permissions for Describe calls (Service Authorization Reference, Amazon EC2). */
export const describePermission = (actions: `ec2:Describe${string}`[]): Permission => ({
  sid: "Describe",
  actions,
  resources: ["*"],
  conditions: { StringEquals: { "aws:RequestedRegion": Aws.REGION } },
  wildcardBecause: "EC2 has no resource-level permissions for Describe calls",
});
