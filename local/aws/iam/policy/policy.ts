/** Policy documents as CloudFormation templates hold them, read into statements. */

export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  /** The statement is about every action but `actions`. */
  readonly exceptActions: boolean;
  readonly resources: readonly string[];
  /** The statement is about every resource but `resources`. */
  readonly exceptResources: boolean;
  /** Operator → key → values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** Of trust policies: kind → names, e.g. `{Service: ["lambda.amazonaws.com"]}`; `{"*": ["*"]}` is everyone. */
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

/** `document` is a policy document whose intrinsic functions are already resolved. Throws on what is not understood. */
export const readPolicy = (document: unknown): Statement[] => {
  const statements = (document as { Statement?: unknown } | undefined)?.Statement;
  if (!statements) throw new Error("reading a policy: it has no Statement");
  return (Array.isArray(statements) ? statements : [statements]).map(readStatement);
};
