/** EC2 and IAM permissions for launching and managing instances, split like Karpenter's controller policy. */
import { Aws } from "aws-cdk-lib";
import { MANAGED_BY, TAG } from "../../shared/model/names.ts";
import type { Cluster } from "../deployment.ts";
import type { Permission } from "./permission.ts";

const ec2Arn = (kind: string, account: string = Aws.ACCOUNT_ID): string =>
  `arn:${Aws.PARTITION}:ec2:${Aws.REGION}:${account}:${kind}/*`;
/** What AWS RAM shares has its owner's account in its ARN; EC2 lets an account use only what is shared with it. */
const sharedArn = (kind: string): string => ec2Arn(kind, "*");
/** Images and snapshots may belong to any account; their ARNs contain none. */
const publicArn = (kind: string): string => `arn:${Aws.PARTITION}:ec2:${Aws.REGION}::${kind}/*`;

const LAUNCHED = ["instance", "volume", "network-interface"].map((kind) => ec2Arn(kind));
/** Resources that a node class refers to. */
const REFERENCED = ["subnet", "security-group", "placement-group", "capacity-reservation"].map(sharedArn);
/** Groups of capacity reservations belong to AWS Resource Groups. */
const RESERVATION_GROUPS = `arn:${Aws.PARTITION}:resource-groups:${Aws.REGION}:${Aws.ACCOUNT_ID}:group/*`;
const NO_ID_YET = "Launched resources have no id in advance; the condition on their tags restricts them";

const owned = (where: "RequestTag" | "ResourceTag", clusters: readonly Cluster[]) => ({
  [`aws:${where}/${TAG.managedBy}`]: MANAGED_BY,
  [`aws:${where}/${TAG.cluster}`]: clusters.map(({ name }) => name),
});

/** Allows launches only with Stratos's tags on every launched resource and with the clusters' node roles. */
export const launchPermissions = (clusters: readonly Cluster[]): Permission[] => {
  const tagged = {
    StringEquals: owned("RequestTag", clusters),
    StringLike: { [`aws:RequestTag/${TAG.pool}`]: "?*" },
  };
  return [
    {
      sid: "LaunchFrom",
      actions: ["ec2:RunInstances"],
      resources: [publicArn("image"), publicArn("snapshot"), ...REFERENCED, RESERVATION_GROUPS],
      wildcardBecause: "Node classes choose these resources at run time",
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

/** Allows passing the clusters' node roles to EC2; also needed to add a role to an instance profile. */
export const passNodeRoles = (clusters: readonly Cluster[]): Permission => ({
  sid: "PassNodeRoles",
  actions: ["iam:PassRole"],
  resources: [...new Set(clusters.flatMap(({ nodeRoles }) => nodeRoles))].map(
    (role) => `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${role}`,
  ),
  // The second is EC2's name in the regions in China.
  conditions: { StringEquals: { "iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"] } },
  wildcardBecause: "Tools add a random suffix to the names of node roles",
});

type InstanceAction = "ec2:StartInstances" | "ec2:StopInstances" | "ec2:TerminateInstances";

/** Allows actions only on instances with Stratos's tags. */
export const instancePermission = (clusters: readonly Cluster[], actions: InstanceAction[]): Permission => ({
  sid: "ActOnOwnInstances",
  actions,
  resources: [ec2Arn("instance")],
  conditions: { StringEquals: owned("ResourceTag", clusters) },
  wildcardBecause: "Instances come and go; the condition on their tags decides",
});

/**
 * Allows changing the type of Stratos's own instances, and no other attribute. EC2 spells the attribute as its API does ("ec2:Attribute condition key",
 * Amazon EC2 User Guide).
 */
export const resizePermission = (clusters: readonly Cluster[]): Permission => ({
  sid: "ResizeOwnInstances",
  actions: ["ec2:ModifyInstanceAttribute"],
  resources: [ec2Arn("instance")],
  conditions: { StringEquals: { ...owned("ResourceTag", clusters), "ec2:Attribute": "InstanceType" } },
  wildcardBecause: "Instances come and go; the condition on their tags decides",
});

/** Allows updates of the tags that mirror the record, but not of the tags that identify the owner. */
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

/** EC2 has no resource-level permissions for Describe calls (Service Authorization Reference, Amazon EC2). */
export const describePermission = (actions: `ec2:Describe${string}`[]): Permission => ({
  sid: "Describe",
  actions,
  resources: ["*"],
  conditions: { StringEquals: { "aws:RequestedRegion": Aws.REGION } },
  wildcardBecause: "EC2 has no resource-level permissions for Describe calls",
});
