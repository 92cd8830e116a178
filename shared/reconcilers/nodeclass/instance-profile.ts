/** The instance profile that Stratos manages for a class with `role`. */
import { createHash } from "node:crypto";
import type { NodeClassResources } from "../../aws/node-class-resources.ts";
import type { AWSNodeClass } from "../../model/api/types.ts";
import type { InstanceProfile } from "../../model/class-resources.ts";
import { MANAGED_BY, TAG } from "../../model/names.ts";
import { failed, type Outcome, resolved } from "../../nodeclass/resolution.ts";

/** IAM's limit. */
const MAX_NAME_LENGTH = 128;
const HASH_LENGTH = 10;
/** IAM changes reach EC2 within seconds. Source: "Changes that I make are not always immediately visible" (IAM User Guide). */
const PROPAGATION_MS = 10_000;
const CLASS_TAG = "stratos.sh/node-class";

/** `stratos-<cluster>-<class>`; a name above IAM's limit is cut and ends in a hash of the full name. */
export const profileName = (cluster: string, nodeClass: string): string => {
  const name = `stratos-${cluster}-${nodeClass}`;
  if (name.length <= MAX_NAME_LENGTH) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_LENGTH);
  return `${name.slice(0, MAX_NAME_LENGTH - HASH_LENGTH - 1)}-${hash}`;
};

/**
 * Uses the class's `iamInstanceProfile` unchanged; for a `role`, creates or repairs the managed profile. Idempotent, so it may fail
 * between any two calls. The class's finalizer must be set first.
 */
export const resolveInstanceProfile = async (
  resources: NodeClassResources,
  cluster: string,
  { metadata, spec }: AWSNodeClass,
  now: number,
): Promise<Outcome<string>> => {
  if (!spec.role) return resolved(spec.iamInstanceProfile ?? "");
  const name = profileName(cluster, metadata.name);
  const owner = ownerTags(cluster, metadata.name);
  const profile = await resources.readProfile(name);
  if (profile && !isOwned(profile, owner)) {
    return failed(
      `instance profile ${name}`,
      "exists, but belongs to something else than this class",
      "ResolutionFailed",
    );
  }
  if (!profile) await resources.createProfile(name, owner);
  const { roles, createdAt } = profile ?? { roles: [], createdAt: now };
  try {
    const outcome = await setRole(resources, name, roles, spec.role);
    return outcome.kind === "resolved" && now - createdAt < PROPAGATION_MS ? settling(name) : outcome;
  } catch (error) {
    const failure = failed(`setting role ${spec.role} on instance profile ${name}`, error, "RoleUpdateFailed");
    const advice = `; the functions may pass only the roles that the deployment's context names: add ${spec.role} to nodeRoles`;
    return { ...failure, message: failure.message + (failure.message.includes("iam:PassRole") ? advice : "") };
  }
};

const settling = (name: string): Outcome<never> => ({
  kind: "settling",
  reason: "Propagating",
  message: `instance profile ${name} was created or changed seconds ago and may not have reached EC2 yet`,
});

/** A profile holds at most one role, so another role is removed first. */
const setRole = async (
  resources: NodeClassResources,
  name: string,
  roles: readonly string[],
  desiredRole: string,
): Promise<Outcome<string>> => {
  if (roles.includes(desiredRole)) return resolved(name);
  for (const role of roles) await resources.removeRole(name, role);
  return (await resources.addRole(name, desiredRole))
    ? settling(name)
    : { kind: "missing", reason: "RoleNotFound", message: `IAM role ${desiredRole} does not exist` };
};

/**
 * Deletes the class's managed profile, if it exists; IAM requires its roles to be removed first. While instances carry the profile, it stays,
 * because without it they lose their credentials; returns their ids.
 */
export const deleteInstanceProfile = async (
  resources: NodeClassResources,
  cluster: string,
  nodeClass: string,
): Promise<readonly string[]> => {
  const name = profileName(cluster, nodeClass);
  const profile = await resources.readProfile(name);
  if (!profile || !isOwned(profile, ownerTags(cluster, nodeClass))) return [];
  const carriers = await resources.findInstancesWithProfile(profile.arn);
  if (carriers.length > 0) return carriers;
  for (const role of profile.roles) await resources.removeRole(name, role);
  await resources.deleteProfile(name);
  return [];
};

const ownerTags = (cluster: string, nodeClass: string) => ({
  [TAG.managedBy]: MANAGED_BY,
  [TAG.cluster]: cluster,
  [CLASS_TAG]: nodeClass,
});

/** Profile names are ambiguous (`a-b` + `c` and `a` + `b-c` are equal), so ownership is decided by tags. */
const isOwned = (profile: InstanceProfile, owner: Readonly<Record<string, string>>): boolean =>
  Object.entries(owner).every(([key, value]) => profile.tags[key] === value);
