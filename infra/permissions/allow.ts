import { Stack, Validations } from "aws-cdk-lib";
import { ManagedPolicy, PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import { flatReference } from "./flat-reference.ts";
import type { Permission } from "./permission.ts";

/** So many of the longest ARNs fit into one managed policy, beside a condition on 40 clusters. */
const MAX_RESOURCES = 20;

/** IAM's default quota for a role ("IAM and AWS STS quotas", IAM User Guide). */
const MAX_MANAGED_POLICIES = 10;

/**
 * Adds statements to the role's policy and acknowledges each wildcard in them with its reason. The CDK moves what exceeds IAM's limit for a role's own
 * policy to managed policies.
 */
export const allow = (role: Role, permissions: readonly Permission[]): void => {
  for (const { wildcardBecause, ...statement } of permissions.flatMap(inParts)) {
    role.addToPrincipalPolicy(new PolicyStatement(statement));
    const flat = statement.resources.map((arn) => flatReference(Stack.of(role).resolve(arn)));
    for (const resource of wildcardBecause === undefined ? [] : flat) {
      const id = `AwsSolutions-IAM5[Resource::${resource}]`;
      Validations.of(role).acknowledge({ id, reason: `${wildcardBecause}.` });
    }
  }
};

/** Statements that differ in their resources only, none of which exceeds a managed policy. */
const inParts = (permission: Permission): Permission[] => {
  const { sid, resources } = permission;
  const parts = Math.ceil(resources.length / MAX_RESOURCES);
  return Array.from({ length: parts }, (_, part) => ({
    ...permission,
    sid: part === 0 ? sid : `${sid}${part + 1}`,
    resources: resources.slice(part * MAX_RESOURCES, (part + 1) * MAX_RESOURCES),
  }));
};

/** Makes synthesis fail if the role of the function needs too many policies: the clusters' fields are limited one by one, but not all together. */
export const limitPolicies = (role: Role, functionName: string): void => {
  const validate = (): string[] => {
    const count = role.node.children.filter((child) => child instanceof ManagedPolicy).length;
    const needed = `the nodeRoles and kmsKeys of all clusters need ${count} managed policies for function ${functionName}`;
    return count > MAX_MANAGED_POLICIES ? [`clusters: ${needed}; allowed: ${MAX_MANAGED_POLICIES}`] : [];
  };
  role.node.addValidation({ validate });
};
