/** Clusters in one account and region. */
export interface Site {
  readonly region: string;
  /** Whose role the functions assume there; undefined for their own account and region, where they act as themselves. */
  readonly account?: string;
  readonly clusters: readonly string[];
}

/** "Amazon Resource Names (ARNs)", AWS General Reference. */
export const partitionOf = (region: string): string => {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
};

/** The role of a function. IAM is global, so its name has the region of its deployment. */
export const functionRoleName = (name: string, region: string): string => `stratos-${name}-${region}`;

/** The role that the function of a deployment in `home` assumes for clusters of another account or region; at most 64 characters, IAM's limit. */
export const siteRoleName = (name: string, home: string, region: string): string =>
  `${functionRoleName(name, home)}-in-${region}`;

/** Undefined if the functions act as themselves. */
export const siteRoleArn = (name: string, home: string, { account, region }: Site): string | undefined =>
  account && `arn:${partitionOf(region)}:iam::${account}:role/${siteRoleName(name, home, region)}`;
