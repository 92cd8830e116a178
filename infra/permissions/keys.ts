import { Aws } from "aws-cdk-lib";
import type { Cluster } from "../deployment.ts";
import type { Permission } from "./permission.ts";

/** EC2 uses a key in its caller's name, so the caller needs them ("Requirements for Amazon EBS encryption", Amazon EBS User Guide). */
const USE = [
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];

/** Only EC2 may use the keys for the function, never the function itself. The second host is that of the regions in China. */
const THROUGH_EC2 = {
  "kms:ViaService": ["amazonaws.com", "amazonaws.com.cn"].map((suffix) => `ec2.${Aws.REGION}.${suffix}`),
};

type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const statements = (name: string, resources: string[], conditions: Conditions): Permission[] => {
  const common = {
    resources,
    wildcardBecause: "An alias can be moved to another key; the condition on the key's aliases decides",
  };
  const through = { StringEquals: THROUGH_EC2, ...conditions };
  return [
    { sid: `Use${name}`, actions: USE, conditions: through, ...common },
    {
      sid: `Grant${name}`,
      actions: ["kms:CreateGrant"],
      conditions: { ...through, Bool: { "kms:GrantIsForAWSResource": "true" } },
      ...common,
    },
  ];
};

/** Of `arn:…:alias/nodes`, or of `alias/nodes` alone: what precedes the alias, and the alias. */
const readAlias = (key: string) => {
  const at = key.search(/alias\//);
  const ownKeys = `arn:${Aws.PARTITION}:kms:${Aws.REGION}:${Aws.ACCOUNT_ID}:`;
  return { owner: key.slice(0, at) || ownKeys, alias: key.slice(at) };
};

const isAlias = (key: string): boolean => /(^|:)alias\//.test(key);

/**
 * Allows launching and starting instances whose volumes are encrypted with the clusters' `kmsKeys`. IAM does not resolve aliases in resources,
 * so those are named in a condition ("Use aliases to control access to KMS keys", AWS KMS Developer Guide).
 */
export const keyPermissions = (clusters: readonly Cluster[]): Permission[] => {
  const named = [...new Set(clusters.flatMap(({ kmsKeys }) => kmsKeys))];
  const keys = named.filter((key) => !isAlias(key));
  const aliases = named.filter(isAlias).map(readAlias);
  const aliased = [...new Set(aliases.map(({ owner }) => `${owner}key/*`))];
  const byAlias = { "ForAnyValue:StringEquals": { "kms:ResourceAliases": aliases.map(({ alias }) => alias) } };
  return [
    ...(keys.length > 0 ? statements("Keys", keys, {}) : []),
    ...(aliases.length > 0 ? statements("KeysByAlias", aliased, byAlias) : []),
  ];
};
