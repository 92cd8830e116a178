/** Parses policy documents, as found in CloudFormation templates, into statements. */

export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  /** True for NotAction: the statement applies to every action except `actions`. */
  readonly exceptActions: boolean;
  readonly resources: readonly string[];
  /** True for NotResource: the statement applies to every resource except `resources`. */
  readonly exceptResources: boolean;
  /** Operator → key → values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** In trust policies: kind → names, e.g. `{Service: ["lambda.amazonaws.com"]}`; `{"*": ["*"]}` means everyone. */
  readonly principals: Readonly<Record<string, readonly string[]>>;
}

const KNOWN_FIELDS = new Set([
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
  "Principal",
]);

const toList = (value: unknown): string[] =>
  value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String);

const mapLists = (value: unknown): Record<string, string[]> =>
  Object.fromEntries(Object.entries((value ?? {}) as object).map(([name, item]) => [name, toList(item)]));

const readStatement = (raw: Record<string, unknown>): Statement => {
  const unknown = Object.keys(raw).find((field) => !KNOWN_FIELDS.has(field));
  if (unknown) throw new Error(`reading a policy statement: no support for ${unknown}`);
  if (raw.Effect !== "Allow" && raw.Effect !== "Deny")
    throw new Error(`reading a policy statement: Effect is ${JSON.stringify(raw.Effect)}`);
  return {
    effect: raw.Effect,
    actions: toList(raw.Action ?? raw.NotAction),
    exceptActions: raw.NotAction !== undefined,
    resources: toList(raw.Resource ?? raw.NotResource),
    exceptResources: raw.NotResource !== undefined,
    conditions: Object.fromEntries(
      Object.entries((raw.Condition ?? {}) as object).map(([operator, keys]) => [operator, mapLists(keys)]),
    ),
    principals: typeof raw.Principal === "string" ? { "*": [raw.Principal] } : mapLists(raw.Principal),
  };
};

/** `document` is a policy document with its intrinsic functions resolved. Throws on any element it does not support. */
export const readPolicy = (document: unknown): Statement[] => {
  const statements = (document as { Statement?: unknown } | undefined)?.Statement;
  if (!statements) throw new Error("reading a policy: it has no Statement");
  return (Array.isArray(statements) ? statements : [statements]).map(readStatement);
};

/** Whether the statement is about the account as a whole. */
export const namesAccount = ({ principals }: Statement, account: string): boolean =>
  principals.AWS?.some((name) => name === account || name === `arn:aws:iam::${account}:root`) ?? false;
