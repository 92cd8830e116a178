/**
 * Compares what is granted with what the end-to-end tests use. They prove that nothing is missing, because the simulated IAM and RBAC refuse what
 * is not granted; this proves that nothing is granted that nobody needs.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../infra/functions.ts";
import { ASSEMBLY_FOLDER } from "../../infra/synth.ts";
import { readManifests } from "../../local/environment/manifests.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import { type ClusterRole, grantsOf } from "../real/grants.ts";
import type { PermissionUse } from "./permission-use.ts";

const FOR_VOLUMES = "for pods with volumes, which the tests of demand and the real control plane have";
const FOR_DEVICES = "for pods with resource claims, which the tests of demand have";

/** What is granted although the end-to-end tests need not use it, and why; for one function or role, or for all. */
const UNUSED: Readonly<Record<string, string>> = {
  "logs:CreateLogStream": "the simulated Lambda writes logs without calls",
  "logs:PutLogEvents": "the simulated Lambda writes logs without calls",
  "xray:PutTraceSegments": "the simulated Lambda sends no traces",
  "xray:PutTelemetryRecords": "the simulated Lambda sends no traces",
  "sqs:ChangeMessageVisibility":
    "Lambda's pollers return failed messages of a batch with it; the simulated ones do so without calls",
  "pool: ec2:ModifyInstanceAttribute":
    "repeats the change of type of a start that demand decided and could not carry out",
  "demand: dynamodb:DeleteItem": "withdraws the request for a launch whose pods are gone",
  "stratos-functions: list namespaces": "for pods with namespace selectors, which the tests of demand have",
  "stratos-functions: list persistentvolumeclaims": FOR_VOLUMES,
  "stratos-functions: list persistentvolumes": FOR_VOLUMES,
  "stratos-functions: list storageclasses.storage.k8s.io": FOR_VOLUMES,
  "stratos-functions: list csinodes.storage.k8s.io": FOR_VOLUMES,
  "stratos-functions: list csidrivers.storage.k8s.io": FOR_VOLUMES,
  "stratos-functions: list csistoragecapacities.storage.k8s.io": FOR_VOLUMES,
  "stratos-functions: list deviceclasses.resource.k8s.io": FOR_DEVICES,
  "stratos-functions: list resourceclaims.resource.k8s.io": FOR_DEVICES,
};

const isExpected = (grant: string): boolean => grant in UNUSED || (grant.split(": ")[1] ?? "") in UNUSED;

interface Resource {
  readonly Type: string;
  readonly Properties: {
    readonly Description?: string;
    readonly PolicyDocument?: { readonly Statement: readonly { readonly Action: string | readonly string[] }[] };
    readonly Roles?: readonly { readonly Ref: string }[];
  };
}

/** The actions that the template's policies grant to each function. */
export const grantedInAws = (resources: Readonly<Record<string, Resource>>): PermissionUse => {
  const granted: Record<string, string[]> = {};
  for (const { Properties } of Object.values(resources)) {
    for (const { Ref } of Properties.PolicyDocument ? (Properties.Roles ?? []) : []) {
      const name = /function ([\w-]+)$/.exec(resources[Ref]?.Properties.Description ?? "")?.[1];
      const actions = Properties.PolicyDocument?.Statement.flatMap(({ Action }) => Action) ?? [];
      if (name) granted[name] = [...new Set([...(granted[name] ?? []), ...actions])].sort();
    }
  }
  return granted;
};

/** Whose permissions the cluster roles of the manifests are. */
const HOLDERS: Readonly<Record<string, readonly string[]>> = {
  "stratos-forwarder": ["forwarder"],
  "stratos-functions": ["demand", "pool"],
  "stratos-class-functions": ["nodeclass", "sweep"],
};

const isClusterRole = (object: KubeObject): object is KubeObject & ClusterRole => object.kind === "ClusterRole";

/** `demand: ec2:StartInstances`, or `stratos-functions: patch nodes`, which any holder of the role may use. */
export const unusedGrants = (
  inAws: PermissionUse,
  manifests: readonly KubeObject[],
  used: PermissionUse,
): readonly string[] => [
  ...Object.entries(inAws).flatMap(([name, actions]) =>
    actions.filter((action) => !used[name]?.includes(action)).map((action) => `${name}: ${action}`),
  ),
  ...manifests.filter(isClusterRole).flatMap((role) => {
    const usedByHolders = (HOLDERS[role.metadata.name] ?? []).flatMap((name) => used[name] ?? []);
    return grantsOf(role)
      .filter((grant) => !usedByHolders.includes(grant))
      .map((grant) => `${role.metadata.name}: ${grant}`);
  }),
];

/** Throws if the deployment grants what the tests have not used, unless there is a reason, or if there is a reason for what is not granted. */
export const assertLeastPrivilege = (used: PermissionUse): void => {
  const template = JSON.parse(readFileSync(join(ASSEMBLY_FOLDER, "Stratos.template.json"), "utf8"));
  const manifests = readManifests(join(ROOT, "forwarder/manifests"));
  const inAws = grantedInAws(template.Resources);
  const unused = unusedGrants(inAws, manifests, used);
  const granted = unusedGrants(inAws, manifests, {});
  const surplus = unused.filter((grant) => !isExpected(grant)).map((grant) => `granted, but no test uses it: ${grant}`);
  const needless = Object.keys(UNUSED).filter((name) => !granted.some((grant) => `: ${grant}`.endsWith(`: ${name}`)));
  const problems = [...surplus, ...needless.map((grant) => `listed as an exception, but not granted: ${grant}`)];
  if (problems.length > 0) throw new Error(`permissions:\n${problems.join("\n")}`);
};
