/** Compares the template with the account, resource by resource. */
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
  readonly expected: unknown;
  /** Undefined if the property is missing. */
  readonly actual: unknown;
}

export interface Comparison {
  /** Logical IDs of the resources that exist and were compared. */
  readonly created: readonly string[];
  readonly differences: readonly Difference[];
  /** Resources of the template that the account lacks although the deployment is complete. */
  readonly skipped: readonly { readonly type: string; readonly logicalId: string }[];
  /** Created resources of types without a reader. */
  readonly unread: readonly string[];
}

/** moto gives no physical ID for some types; those are found by their properties. */
interface StackResource {
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceType: string;
}

const differencesOf = (expected: Properties, actual: Properties) =>
  Object.keys(expected)
    .filter((property) => !isDeepStrictEqual(expected[property], actual[property]))
    .map((property) => ({ property, expected: expected[property], actual: actual[property] }));

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
    const expected = resolveIntrinsics(Properties, scope) as Properties;
    const actual = await READERS[Type]?.(account, ids.get(logicalId) ?? "", expected);
    return differencesOf(expected, actual ?? {}).map((difference) => ({ type: Type, logicalId, ...difference }));
  });
  return {
    created: created.map(([id]) => id),
    differences: (await Promise.all(compared)).flat(),
    skipped: entries.filter(([id]) => !ids.has(id)).map(([logicalId, { Type }]) => ({ logicalId, type: Type })),
    unread: entries.filter(([id, { Type }]) => ids.has(id) && !(Type in READERS)).map(([id]) => id),
  };
};
