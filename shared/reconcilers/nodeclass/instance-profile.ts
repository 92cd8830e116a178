/** The instance profile that Stratos keeps for a class with `role`. */
import { createHash } from "node:crypto";
import type { NodeClassResources } from "../../aws/node-class-resources.ts";
import type { AWSNodeClass } from "../../model/api/types.ts";
import type { InstanceProfile } from "../../model/class-resources.ts";
import { MANAGED_BY, TAG } from "../../model/names.ts";
import { failed, type Outcome, resolved } from "../../nodeclass/resolution.ts";

/** IAM's own limit. */
const MAX_NAME_LENGTH = 128;
const HASH_LENGTH = 10;
/** What IAM has, EC2 sees within seconds. Source: "Changes that I make are not always immediately visible" (IAM User Guide). */
const PROPAGATION_MS = 10_000;
const CLASS_TAG = "stratos.sh/node-class";

/** `stratos-<cluster>-<class>`; a longer name than IAM takes ends in a hash of all of it. */
export const profileName = (cluster: string, nodeClass: string): string => {
  const name = `stratos-${cluster}-${nodeClass}`;
  if (name.length <= MAX_NAME_LENGTH) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_LENGTH);
  return `${name.slice(0, MAX_NAME_LENGTH - HASH_LENGTH - 1)}-${hash}`;
};

/**
 * Takes the user's own profile as it is; for a `role`, creates or repairs ours. Repeating it changes nothing more, so it may
 * fail between any two calls. The class's finalizer must be in place before.
 */
export const resolveInstanceProfile = async (
  cloud: NodeClassResources,
  cluster: string,
  { metadata, spec }: AWSNodeClass,
  now: number,
): Promise<Outcome<string>> => {
  if (!spec.role) return resolved(spec.iamInstanceProfile ?? "");
  const name = profileName(cluster, metadata.name);
  const owner = ownerTags(cluster, metadata.name);
  const profile = await cloud.readProfile(name);
  if (profile && !isOwned(profile, owner)) {
    return failed(`instance profile ${name}`, "exists, but is not of this class", "ResolutionFailed");
  }
  if (!profile) await cloud.createProfile(name, owner);
  const { roles, createdAt } = profile ?? { roles: [], createdAt: now };
  try {
    const outcome = await giveRole(cloud, name, roles, spec.role);
    return outcome.kind === "resolved" && now - createdAt < PROPAGATION_MS ? settling(name) : outcome;
  } catch (error) {
    return failed(`giving instance profile ${name} the role ${spec.role}`, error, "RoleUpdateFailed");
  }
};

const settling = (name: string): Outcome<never> => ({
  kind: "settling",
  reason: "Propagating",
  message: `instance profile ${name} has just been made or given its role, which EC2 sees some seconds later`,
});

/** A profile holds one role at most, so another one has to go first. */
const giveRole = async (
  cloud: NodeClassResources,
  name: string,
  roles: readonly string[],
  wanted: string,
): Promise<Outcome<string>> => {
  if (roles.includes(wanted)) return resolved(name);
  for (const role of roles) await cloud.removeRole(name, role);
  return (await cloud.addRole(name, wanted))
    ? settling(name)
    : { kind: "missing", reason: "RoleNotFound", message: `there is no IAM role ${wanted}` };
};

/** Deletes the class's profile if it is there and ours; IAM wants its roles removed first. */
export const deleteInstanceProfile = async (
  cloud: NodeClassResources,
  cluster: string,
  nodeClass: string,
): Promise<void> => {
  const name = profileName(cluster, nodeClass);
  const profile = await cloud.readProfile(name);
  if (!profile || !isOwned(profile, ownerTags(cluster, nodeClass))) return;
  for (const role of profile.roles) await cloud.removeRole(name, role);
  await cloud.deleteProfile(name);
};

const ownerTags = (cluster: string, nodeClass: string) => ({
  [TAG.managedBy]: MANAGED_BY,
  [TAG.cluster]: cluster,
  [CLASS_TAG]: nodeClass,
});

/** Names of two clusters and classes can run together (`a-b` + `c`, `a` + `b-c`); their tags do not. */
const isOwned = (profile: InstanceProfile, owner: Readonly<Record<string, string>>): boolean =>
  Object.entries(owner).every(([key, value]) => profile.tags[key] === value);
