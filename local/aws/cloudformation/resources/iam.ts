import { roleArn } from "../../iam/policy/roles.ts";
import { assertKnown, type CreateResource, physicalName, text } from "../resource.ts";
import { AWS_MANAGED_POLICIES } from "./aws-managed-policies.ts";

interface InlinePolicy {
  readonly PolicyDocument: unknown;
}

const managedDocument = (arn: string): unknown => {
  const document = AWS_MANAGED_POLICIES[arn];
  if (!document) throw new Error(`no support for the managed policy ${arn}`);
  return document;
};

/** AWS::IAM::Role. */
export const createRole: CreateResource = (request, { roles, account }) => {
  assertKnown(request, [
    "RoleName",
    "AssumeRolePolicyDocument",
    "Policies",
    "ManagedPolicyArns",
    "Description",
    "MaxSessionDuration",
    "Tags",
  ]);
  const { AssumeRolePolicyDocument, Policies, ManagedPolicyArns } = request.properties as {
    AssumeRolePolicyDocument: unknown;
    Policies?: readonly InlinePolicy[];
    ManagedPolicyArns?: readonly string[];
  };
  const name = text(request, "RoleName", physicalName(request));
  roles.create(name, AssumeRolePolicyDocument);
  for (const policy of Policies ?? []) roles.attach(name, policy.PolicyDocument);
  for (const arn of ManagedPolicyArns ?? []) roles.attach(name, managedDocument(arn));
  return { ref: name, attributes: { Arn: roleArn(name, account), RoleId: `AROA${name}` } };
};

/** AWS::IAM::Policy and AWS::IAM::ManagedPolicy, attached to the roles that they name. */
export const createPolicy: CreateResource = (request, { roles, account }) => {
  assertKnown(request, ["PolicyName", "ManagedPolicyName", "PolicyDocument", "Roles", "Description", "Path"]);
  const { PolicyDocument, Roles } = request.properties as { PolicyDocument: unknown; Roles?: readonly string[] };
  for (const name of Roles ?? []) roles.attach(name, PolicyDocument);
  const name = text(request, "ManagedPolicyName", physicalName(request));
  const arn = `arn:aws:iam::${account}:policy/${name}`;
  return { ref: arn, attributes: { PolicyArn: arn } };
};
