/** Reads and validates the clusters of this deployment from the CDK context, before anything is synthesized. */
import { list, object, optional, reject, text } from "./configuration-fields.ts";
import { type Options, readOptions } from "./options.ts";

export interface Cluster {
  readonly name: string;
  /** Where it is, if not in the deployment's own account and region. */
  readonly elsewhere: Place | undefined;
  /** Patterns, with `*` and `?`, of the role names that the cluster's instances may have. */
  readonly nodeRoles: readonly string[];
  /** ARNs of the customer-managed KMS keys of the nodes' volumes, and aliases of such keys. */
  readonly kmsKeys: readonly string[];
}

export interface Place {
  readonly account: string;
  readonly region: string;
}

/** A cluster as its deployer describes it; docs/deploy.md has the details of each field. */
export interface ClusterProps {
  /** The EKS cluster's name. */
  readonly name: string;
  /** Where the cluster is. Defaults to the deployment's own; clusters elsewhere need a `StratosSite` there. */
  readonly region?: string;
  readonly account?: string;
  /** Patterns, with `*` and `?`, of the names of the roles that nodes may have. Defaults to those that EKS's guides and common tools use. */
  readonly nodeRoles?: readonly string[];
  /** Customer-managed KMS keys of the nodes' volumes: ARNs, or aliases such as `alias/nodes`. */
  readonly kmsKeys?: readonly string[];
  /** If the API server has no public endpoint: the network in which the functions run to reach it. */
  readonly private?: NetworkProps;
}

/** A network from which the functions reach API servers. */
export interface NetworkProps {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

export interface Deployment {
  /** Undefined: those of the CDK environment. */
  readonly region: string | undefined;
  readonly account: string | undefined;
  readonly clusters: readonly Cluster[];
  readonly network: NetworkProps | undefined;
  readonly options: Options;
}

/** A stack has 500 resources at most ("AWS CloudFormation quotas"); each cluster has 10 of them, and 81 are shared. */
const MAX_CLUSTERS = 40;
const MAX_NODE_ROLES = 20;
const MAX_KMS_KEYS = 20;

/** `context` is that of `clusters`, `options` the deployer's other fields. Throws a `ConfigurationError`. */
export const readDeployment = (context: unknown, options: Readonly<Record<string, unknown>> = {}): Deployment => {
  const found = parseIfText(context);
  const entries = list(found, "clusters", `1 to ${MAX_CLUSTERS} clusters`, { min: 1, max: MAX_CLUSTERS });
  const clusters = entries.map((entry, index) => readCluster(entry, `clusters[${index}]`));
  assertDistinct(clusters.map(({ name }) => name));
  const { region: givenRegion, account: givenAccount, ...others } = options;
  const account = optional(givenAccount, (value) => readAccount(value, "account"));
  const region =
    optional(givenRegion, (value) => readRegion(value, "region")) ?? sameRegion(clusters.map((one) => one.region));
  return {
    region,
    account,
    clusters: clusters.map((cluster) => ({
      name: cluster.name,
      nodeRoles: cluster.nodeRoles,
      kmsKeys: cluster.kmsKeys,
      elsewhere: placeOf(cluster, { region, account }),
    })),
    network: sameNetwork(clusters.map((cluster) => cluster.private)),
    options: readOptions(others),
  };
};

type Given = Partial<Place>;

/** Undefined in the deployment's own account and region. Roles and buses of others are named by both, so then both must be known. */
const placeOf = ({ name, ...cluster }: Given & { readonly name: string }, own: Given): Place | undefined => {
  const place = { region: cluster.region ?? own.region, account: cluster.account ?? own.account };
  if (place.region === own.region && place.account === own.account) return undefined;
  for (const field of ["region", "account"] as const)
    if (own[field] === undefined)
      reject(field, undefined, `the deployment's own ${field}, because cluster ${name} is elsewhere`);
  return { region: place.region ?? "", account: place.account ?? "" };
};

/** The places of clusters elsewhere, each with its clusters. */
export const sitesOf = (clusters: readonly Cluster[]): (Place & { readonly clusters: readonly Cluster[] })[] => {
  const bySite = Map.groupBy(
    clusters.filter((cluster) => cluster.elsewhere),
    ({ elsewhere }) => `${elsewhere?.account} ${elsewhere?.region}`,
  );
  return [...bySite.values()].flatMap((group) =>
    group[0]?.elsewhere ? { ...group[0].elsewhere, clusters: group } : [],
  );
};

/**
 * The node role names used by the EKS user guide, eksctl and Karpenter. EC2 accepts only roles that trust it, so the patterns are a
 * second safeguard.
 */
export const defaultNodeRoles = (cluster: string): readonly string[] => [
  "node-role",
  "AmazonEKSNodeRole",
  `eksctl-${cluster}-*NodeInstanceRole*`,
  `KarpenterNodeRole-${cluster}`,
  `stratos-${cluster}-*`,
];

/** `cdk -c clusters='[…]'` passes text, cdk.json the value itself. */
export const parseIfText = (context: unknown): unknown => {
  if (typeof context !== "string") return context;
  try {
    return JSON.parse(context);
  } catch {
    return reject("clusters", context, 'JSON such as [{"name":"my-cluster"}]');
  }
};

const readCluster = (entry: unknown, field: string) => {
  const fields = object(entry, field, ["name", "region", "account", "private", "nodeRoles", "kmsKeys"]);
  const name = text(fields.name, `${field}.name`, /^[0-9A-Za-z][\w-]{0,99}$/, "the name of an EKS cluster");
  return {
    name,
    region: optional(fields.region, (value) => readRegion(value, `${field}.region`)),
    account: optional(fields.account, (value) => readAccount(value, `${field}.account`)),
    private: optional(fields.private, (value) => readNetwork(value, `${field}.private`)),
    nodeRoles: optional(fields.nodeRoles, (value) => readRoles(value, `${field}.nodeRoles`)) ?? defaultNodeRoles(name),
    kmsKeys: optional(fields.kmsKeys, (value) => readKeys(value, `${field}.kmsKeys`)) ?? [],
  };
};

const readRegion = (value: unknown, field: string): string => text(value, field, /^[a-z]{2}(-[a-z]+)+-\d$/, "a region");

/** cdk.json may have it as a number. */
const readAccount = (value: unknown, field: string): string =>
  text(String(value), field, /^\d{12}$/, "an account's id, twelve digits");

const readNetwork = (value: unknown, field: string): NetworkProps => {
  const fields = object(value, field, ["vpcId", "subnetIds", "securityGroupIds"]);
  const ids = (name: string, pattern: RegExp, allowed: string) =>
    list(fields[name], `${field}.${name}`, `1 to 16 ${allowed}`, { min: 1, max: 16 }).map((id, index) =>
      text(id, `${field}.${name}[${index}]`, pattern, allowed),
    );
  return {
    vpcId: text(fields.vpcId, `${field}.vpcId`, /^vpc-[0-9a-f]+$/, "a VPC id"),
    subnetIds: ids("subnetIds", /^subnet-[0-9a-f]+$/, "subnet ids"),
    securityGroupIds: ids("securityGroupIds", /^sg-[0-9a-f]+$/, "security group ids"),
  };
};

const readRoles = (value: unknown, field: string): string[] =>
  list(value, field, "1 to 20 role names", { min: 1, max: MAX_NODE_ROLES }).map((role, index) =>
    text(
      role,
      `${field}[${index}]`,
      /^(?=.*[\w+=,.@-])[\w+=,.@*?/-]{1,128}$/,
      "a role name, which may contain * and ? but not consist of them alone",
    ),
  );

const readKeys = (value: unknown, field: string): string[] =>
  list(value, field, "1 to 20 KMS keys", { min: 1, max: MAX_KMS_KEYS }).map((key, index) =>
    text(
      key,
      `${field}[${index}]`,
      /^(?!.*alias\/aws\/)(arn:aws[\w-]*:kms:[\w-]+:\d{12}:(key|alias)\/[\w/-]+|alias\/[\w/-]+)$/,
      "the ARN of a customer-managed KMS key, or its alias, such as alias/nodes",
    ),
  );

const assertDistinct = (names: readonly string[]) => {
  const index = names.findIndex((name, position) => names.indexOf(name) < position);
  if (index >= 0) reject(`clusters[${index}].name`, names[index], "a name that no earlier cluster has");
};

const sameRegion = (regions: readonly (string | undefined)[]): string | undefined => {
  const region = regions.find((candidate) => candidate !== undefined);
  const index = regions.findIndex((candidate) => candidate !== undefined && candidate !== region);
  if (index >= 0)
    reject(
      `clusters[${index}].region`,
      regions[index],
      `${region}; for several, set region, the deployment's own, too`,
    );
  return region;
};

/** A Lambda function can be in one VPC at most. */
const sameNetwork = (networks: readonly (NetworkProps | undefined)[]): NetworkProps | undefined => {
  const network = networks.find((candidate) => candidate !== undefined);
  const index = networks.findIndex((candidate) => candidate && JSON.stringify(candidate) !== JSON.stringify(network));
  if (index >= 0) {
    const allowed = `${JSON.stringify(network)}, because a deployment serves one VPC`;
    reject(`clusters[${index}].private`, networks[index], allowed);
  }
  return network;
};
