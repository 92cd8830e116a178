/** Test cases for the rules of the CRDs: changes to a minimal valid object, where undefined removes a field. */

export type Kind = "NodePool" | "AWSNodeClass";

export interface Case {
  readonly kind: Kind;
  /** What the rule requires. */
  readonly rule: string;
  /** Changes to `spec`, or, with `metadata`, to the whole object. */
  readonly good: object;
  readonly bad: object;
  /** What the error message must say. */
  readonly says: RegExp;
}

export const PLURAL: Readonly<Record<Kind, string>> = { NodePool: "nodepools", AWSNodeClass: "awsnodeclasses" };

export const MINIMAL: Readonly<Record<Kind, object>> = {
  NodePool: {
    apiVersion: "stratos.sh/v1alpha1",
    kind: "NodePool",
    metadata: { name: "ci" },
    spec: { poolSize: 4, minStandby: 2, template: { nodeClassRef: { kind: "AWSNodeClass", name: "workers" } } },
  },
  AWSNodeClass: {
    apiVersion: "stratos.sh/v1alpha1",
    kind: "AWSNodeClass",
    metadata: { name: "workers" },
    spec: {
      instanceType: "m5.large",
      userData: "#!/bin/bash\npoweroff\n",
      ami: "ami-1",
      subnetIds: ["subnet-1"],
      securityGroupIds: ["sg-1"],
      iamInstanceProfile: "node",
    },
  },
};

/** A case that changes only `spec`. */
export const specCase =
  (kind: Kind) =>
  (rule: string, good: object, bad: object, says: RegExp): Case => ({
    kind,
    rule,
    good: { spec: good },
    bad: { spec: bad },
    says,
  });

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Merges `changes` over `base`, objects field by field; undefined fields vanish when the result is sent as JSON. */
export const merged = (base: object, changes: object): Fields => {
  const result: Fields = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    const found = result[key];
    result[key] = isFields(value) && isFields(found) ? merged(found, value) : value;
  }
  return result;
};
