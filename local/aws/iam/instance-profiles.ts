/** Instance profiles and the roles they may hold: what IAM administers and EC2 launches with. */
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
  /** Before this time EC2 does not see what was last changed; in ms. */
  usableAt: number;
}

/** Changes take seconds, as a rule, to be seen everywhere ("Changes that I make are not always immediately visible", IAM User Guide). */
const PROPAGATION_MS = 5_000;

export interface InstanceProfiles {
  readonly roles: Map<string, ProfileRole>;
  /** By name. */
  readonly profiles: Map<string, InstanceProfile>;
  /** What the ARN of a profile or role of that name is, whether it exists or not. */
  profileArn(name: string): string;
  roleArn(name: string): string;
  findByArn(arn: string): InstanceProfile | undefined;
  /** To be called when IAM changed the profile. */
  touch(profile: InstanceProfile): void;
  /** Makes a role that instances may use. */
  addRole(name: string): ProfileRole;
  /** `arn` only where it is not the one the name gives. */
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

/** IAM's ids are a prefix and 17 capital letters and digits; that they follow from the name makes them repeatable. */
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
        // What was there from the start everyone knows.
        usableAt: 0,
      };
      profiles.set(name, profile);
      return profile;
    },
  };
};
