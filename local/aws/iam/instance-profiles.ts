/** Instance profiles and their roles: IAM manages them, EC2 launches instances with them. */
export interface ProfileRole {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly createdAt: number;
}

export interface InstanceProfile {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly createdAt: number;
  /** At most one, as in AWS. */
  role: ProfileRole | undefined;
  tags: Readonly<Record<string, string>>;
  /** EC2 does not see the latest change before this time, in ms since the epoch. */
  usableAt: number;
}

/** IAM changes usually take seconds to propagate ("Changes that I make are not always immediately visible", IAM User Guide). */
const PROPAGATION_MS = 5_000;

export interface InstanceProfiles {
  readonly roles: Map<string, ProfileRole>;
  /** By name. */
  readonly profiles: Map<string, InstanceProfile>;
  /** The ARN of a profile or role of this name, whether or not it exists. */
  profileArn(name: string): string;
  roleArn(name: string): string;
  findByArn(arn: string): InstanceProfile | undefined;
  /** Call this after IAM changes the profile: EC2 sees the change only after the propagation delay. */
  touch(profile: InstanceProfile): void;
  /** Creates a role that instances may use. */
  addRole(name: string): ProfileRole;
  /** Set `arn` only if it differs from `profileArn(name)`. */
  addProfile(
    name: string,
    options?: { arn?: string; roleName?: string; tags?: Record<string, string> },
  ): InstanceProfile;
}

export interface ProfileOptions {
  readonly account: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** An IAM id is a prefix plus 17 capital letters and digits; deriving it from the name makes it repeatable. */
const makeId = (prefix: string, name: string) => {
  const letters = Buffer.from(name).toString("hex").toUpperCase();
  return `${prefix}${letters.slice(-17).padStart(17, "A")}`;
};

export const createInstanceProfiles = ({ account, now }: ProfileOptions): InstanceProfiles => {
  const roles = new Map<string, ProfileRole>();
  const profiles = new Map<string, InstanceProfile>();
  const profileArn = (name: string) => `arn:aws:iam::${account}:instance-profile/${name}`;
  const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;
  return {
    roles,
    profiles,
    profileArn,
    roleArn,
    findByArn: (arn) => [...profiles.values()].find((profile) => profile.arn === arn),
    touch: (profile) => {
      profile.usableAt = now() + PROPAGATION_MS;
    },
    addRole: (name) => {
      const role = { name, arn: roleArn(name), id: makeId("AROA", name), createdAt: now() };
      roles.set(name, role);
      return role;
    },
    addProfile: (name, { arn, roleName, tags = {} } = {}) => {
      const profile = {
        name,
        arn: arn ?? profileArn(name),
        id: makeId("AIPA", name),
        createdAt: now(),
        role: roleName === undefined ? undefined : roles.get(roleName),
        tags,
        // A profile from the initial setup has already propagated.
        usableAt: 0,
      };
      profiles.set(name, profile);
      return profile;
    },
  };
};
