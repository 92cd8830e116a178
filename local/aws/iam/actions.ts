/** The instance-profile actions and the permissions they require (Service Authorization Reference, IAM). */

import { type Params, readTags, requiredText } from "../gateway/query-params.ts";
import { type Xml, xmlTime } from "../gateway/query-xml.ts";
import { type Authorize, CloudError, type ConditionContext } from "../gateway/service.ts";
import type { InstanceProfile, InstanceProfiles, ProfileRole } from "./instance-profiles.ts";

interface IamCall {
  readonly params: Params;
  readonly authorize: Authorize;
}

type Result = { readonly [name: string]: Xml } | undefined;
export type IamAction = (iam: InstanceProfiles, call: IamCall) => Result;

const noSuchEntity = (what: string) => new CloudError("NoSuchEntity", `${what} cannot be found.`, 404);

const findProfile = ({ profiles }: InstanceProfiles, name: string): InstanceProfile => {
  const profile = profiles.get(name);
  if (!profile) throw noSuchEntity(`Instance Profile ${name}`);
  return profile;
};

const findRole = ({ roles }: InstanceProfiles, name: string): ProfileRole => {
  const role = roles.get(name);
  if (!role) throw new CloudError("NoSuchEntity", `The role with name ${name} cannot be found.`, 404);
  return role;
};

const renderTags = (tags: Readonly<Record<string, string>>): Xml =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const renderRole = ({ name, arn, id, createdAt }: ProfileRole): Xml => ({
  Path: "/",
  RoleName: name,
  RoleId: id,
  Arn: arn,
  CreateDate: xmlTime(createdAt),
  AssumeRolePolicyDocument: encodeURIComponent(
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
    }),
  ),
});

const renderProfile = ({ name, arn, id, createdAt, role, tags }: InstanceProfile): Xml => ({
  Path: "/",
  InstanceProfileName: name,
  InstanceProfileId: id,
  Arn: arn,
  CreateDate: xmlTime(createdAt),
  Roles: role ? [renderRole(role)] : [],
  Tags: renderTags(tags),
});

const tagContext = (
  prefix: "RequestTag" | "ResourceTag",
  tags: Readonly<Record<string, string>>,
): ConditionContext => ({
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:${prefix}/${key}`, value])),
  ...(prefix === "RequestTag" && Object.keys(tags).length > 0 ? { "aws:TagKeys": Object.keys(tags) } : {}),
});

/** Checks the permission first, so that a caller without it does not learn whether the profile exists. */
const authorizeProfile = (iam: InstanceProfiles, { authorize, params }: IamCall, action: string): string => {
  const name = requiredText(params, "InstanceProfileName");
  const profile = iam.profiles.get(name);
  const tags = readTagMembers(params);
  authorize(`iam:${action}`, [profile?.arn ?? iam.profileArn(name)], {
    ...tagContext("ResourceTag", profile?.tags ?? {}),
    ...tagContext("RequestTag", tags),
  });
  return name;
};

const readTagMembers = (params: Params): Record<string, string> => {
  const { Tags } = params;
  return typeof Tags === "object" ? readTags(Tags, "member") : {};
};

const createProfile: IamAction = (iam, call) => {
  const name = authorizeProfile(iam, call, "CreateInstanceProfile");
  if (!/^[\w+=,.@-]{1,128}$/.test(name)) {
    throw new CloudError("ValidationError", "The specified value for instanceProfileName is invalid.");
  }
  const tags = readTagMembers(call.params);
  if (Object.keys(tags).length > 0) {
    call.authorize("iam:TagInstanceProfile", [iam.profileArn(name)], tagContext("RequestTag", tags));
  }
  if (iam.profiles.has(name)) {
    throw new CloudError("EntityAlreadyExists", `Instance Profile ${name} already exists.`, 409);
  }
  const profile = iam.addProfile(name, { tags });
  iam.touch(profile);
  return { InstanceProfile: renderProfile(profile) };
};

const getProfile: IamAction = (iam, call) => ({
  InstanceProfile: renderProfile(findProfile(iam, authorizeProfile(iam, call, "GetInstanceProfile"))),
});

const deleteProfile: IamAction = (iam, call) => {
  const profile = findProfile(iam, authorizeProfile(iam, call, "DeleteInstanceProfile"));
  if (profile.role) {
    throw new CloudError("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.", 409);
  }
  iam.profiles.delete(profile.name);
  return undefined;
};

/** The caller also needs iam:PassRole on the role. */
const addRole: IamAction = (iam, call) => {
  const name = authorizeProfile(iam, call, "AddRoleToInstanceProfile");
  const roleName = requiredText(call.params, "RoleName");
  const passed = { "iam:PassedToService": "ec2.amazonaws.com" };
  call.authorize("iam:PassRole", [iam.roles.get(roleName)?.arn ?? iam.roleArn(roleName)], passed);
  const profile = findProfile(iam, name);
  const role = findRole(iam, roleName);
  if (profile.role) {
    throw new CloudError("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", 409);
  }
  profile.role = role;
  iam.touch(profile);
  return undefined;
};

const removeRole: IamAction = (iam, call) => {
  const profile = findProfile(iam, authorizeProfile(iam, call, "RemoveRoleFromInstanceProfile"));
  const roleName = requiredText(call.params, "RoleName");
  if (profile.role?.name !== roleName) throw noSuchEntity(`Role ${roleName} in Instance Profile ${profile.name}`);
  profile.role = undefined;
  iam.touch(profile);
  return undefined;
};

const tagProfile: IamAction = (iam, call) => {
  const profile = findProfile(iam, authorizeProfile(iam, call, "TagInstanceProfile"));
  profile.tags = { ...profile.tags, ...readTagMembers(call.params) };
  return undefined;
};

const listProfiles: IamAction = (iam, { authorize }) => {
  authorize("iam:ListInstanceProfiles", [iam.profileArn("")]);
  return { InstanceProfiles: [...iam.profiles.values()].map(renderProfile), IsTruncated: false };
};

const getRole: IamAction = (iam, { authorize, params }) => {
  const name = requiredText(params, "RoleName");
  authorize("iam:GetRole", [iam.roles.get(name)?.arn ?? iam.roleArn(name)]);
  return { Role: renderRole(findRole(iam, name)) };
};

export const IAM_ACTIONS: Readonly<Record<string, IamAction>> = {
  AddRoleToInstanceProfile: addRole,
  CreateInstanceProfile: createProfile,
  DeleteInstanceProfile: deleteProfile,
  GetInstanceProfile: getProfile,
  GetRole: getRole,
  ListInstanceProfiles: listProfiles,
  RemoveRoleFromInstanceProfile: removeRole,
  TagInstanceProfile: tagProfile,
};
