import { Aws } from "aws-cdk-lib";
import { MANAGED_BY, TAG } from "../../shared/model/names.ts";
import type { Cluster } from "../deployment.ts";
import { passNodeRoles } from "./instances.ts";
import type { Permission } from "./permission.ts";

/** Public parameters belong to AWS; their ARNs contain no account. */
const parameterArn = (path: string): string => `arn:${Aws.PARTITION}:ssm:${Aws.REGION}::parameter/aws/service/${path}`;

/** Allows finding the latest EKS-optimized image. */
export const imageParameterPermission = (): Permission => ({
  sid: "ReadImageParameters",
  actions: ["ssm:GetParameter"],
  resources: ["eks/optimized-ami/*", "bottlerocket/*"].map(parameterArn),
  wildcardBecause: "AWS publishes one parameter per version, variant and architecture",
});

/** Allows managing the instance profiles `stratos-<cluster>-<class>` of classes that name a role: those with the tags of a cluster. */
export const instanceProfilePermissions = (clusters: readonly Cluster[]): Permission[] => {
  const profiles = [`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:instance-profile/stratos-*`];
  const wildcardBecause =
    "A profile's name ends in the name of its node class, which users choose; the condition on its tags decides";
  const names = clusters.map(({ name }) => name);
  const owned = (where: "RequestTag" | "ResourceTag") => ({
    StringEquals: { [`aws:${where}/${TAG.managedBy}`]: MANAGED_BY, [`aws:${where}/${TAG.cluster}`]: names },
  });
  return [
    { sid: "ReadProfiles", actions: ["iam:GetInstanceProfile"], resources: profiles, wildcardBecause },
    {
      sid: "CreateProfiles",
      // IAM requires the permission to tag when a profile is created with tags.
      actions: ["iam:CreateInstanceProfile", "iam:TagInstanceProfile"],
      resources: profiles,
      conditions: owned("RequestTag"),
      wildcardBecause,
    },
    {
      sid: "ChangeOwnProfiles",
      actions: ["iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile"],
      resources: profiles,
      conditions: owned("ResourceTag"),
      wildcardBecause,
    },
    passNodeRoles(clusters),
  ];
};
