/** Template and account, resource by resource. */
import { isDeepStrictEqual } from "node:util";
import { resolveIntrinsics } from "../../local/aws/cloudformation/intrinsics.ts";
import type { Template } from "../../local/aws/cloudformation/template.ts";
import type { Account } from "./account.ts";
import { type Properties, READERS } from "./created.ts";
import { deployedScope, type PhysicalIds } from "./deployed-scope.ts";

export interface Difference {
  readonly type: string;
  readonly logicalId: string;
  readonly property: string;
  readonly wanted: unknown;
  /** Undefined: it is not there at all. */
  readonly found: unknown;
}

export interface Comparison {
  /** Logical ids of what is there, with what it should have and has not. */
  readonly created: readonly string[];
  readonly differences: readonly Difference[];
  /** Of what the template has and the account has not, though the deployment was said to be complete. */
  readonly skipped: readonly { readonly type: string; readonly logicalId: string }[];
  /** What was created and this does not know how to look at. */
  readonly unread: readonly string[];
}

/** Of some types moto gives no physical id; those are found by their properties. */
interface StackResource {
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceType: string;
}

const differencesOf = (wanted: Properties, found: Properties) =>
  Object.keys(wanted)
    .filter((property) => !isDeepStrictEqual(wanted[property], found[property]))
    .map((property) => ({ property, wanted: wanted[property], found: found[property] }));

const listResources = async (account: Account, stackName: string): Promise<StackResource[]> => {
  const command = ["cloudformation", "list-stack-resources", "--stack-name", stackName];
  return (await account.cli<{ StackResourceSummaries: StackResource[] }>(...command)).StackResourceSummaries;
};

export const compareStack = async (account: Account, stackName: string, template: Template): Promise<Comparison> => {
  const resources = await listResources(account, stackName);
  const ids: PhysicalIds = new Map(resources.map((one) => [one.LogicalResourceId, one.PhysicalResourceId ?? ""]));
  const scope = deployedScope(template, ids);
  const entries = Object.entries(template.Resources);
  const created = entries.filter(([id, { Type }]) => ids.has(id) && Type in READERS);
  const compared = created.map(async ([logicalId, { Type, Properties = {} }]): Promise<Difference[]> => {
    const wanted = resolveIntrinsics(Properties, scope) as Properties;
    const found = await READERS[Type]?.(account, ids.get(logicalId) ?? "", wanted);
    return differencesOf(wanted, found ?? {}).map((difference) => ({ type: Type, logicalId, ...difference }));
  });
  return {
    created: created.map(([id]) => id),
    differences: (await Promise.all(compared)).flat(),
    skipped: entries.filter(([id]) => !ids.has(id)).map(([logicalId, { Type }]) => ({ logicalId, type: Type })),
    unread: entries.filter(([id, { Type }]) => ids.has(id) && !(Type in READERS)).map(([id]) => id),
  };
};
