/** CloudFormation's intrinsic functions ("Intrinsic function reference", CloudFormation Template Reference Guide). */

export interface Scope {
  /** The value of a parameter, pseudo parameter or resource; undefined if none has this name. */
  ref(name: string): unknown;
  /** Throws if the attribute does not exist. */
  getAtt(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, first: string, second: string): unknown;
  zones(region: string): readonly string[];
}

/** The value of `Ref: AWS::NoValue`: the property that has it is removed. */
export const NO_VALUE = Symbol("AWS::NoValue");

type Resolve = (value: unknown) => unknown;
type Intrinsic = (argument: unknown, resolve: Resolve, scope: Scope) => unknown;

const list = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value;
  throw new Error(`an intrinsic function needs a list, found ${JSON.stringify(value)}`);
};

const refer: Intrinsic = (name, _, scope) => {
  const value = scope.ref(String(name));
  if (value === undefined) throw new Error(`Ref to ${String(name)}, which is neither a parameter nor a resource`);
  return value;
};

const getAtt: Intrinsic = (argument, resolve, scope) => {
  const [logicalId, ...attribute] = typeof argument === "string" ? argument.split(".") : list(argument);
  return scope.getAtt(String(logicalId), attribute.map(resolve).join("."));
};

const substitute: Intrinsic = (argument, resolve, scope) => {
  const [text, variables] = typeof argument === "string" ? [argument, {}] : list(argument);
  return String(text).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith("!")) return `\${${name.slice(1)}}`;
    const variable = (variables as Record<string, unknown>)[name];
    if (variable !== undefined) return String(resolve(variable));
    return String(name.includes(".") ? getAtt(name, resolve, scope) : refer(name, resolve, scope));
  });
};

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: refer,
  "Fn::GetAtt": getAtt,
  "Fn::Sub": substitute,
  "Fn::Join": (argument, resolve) => {
    const [separator, parts] = list(argument);
    return list(resolve(parts)).map(String).join(String(separator));
  },
  "Fn::Select": (argument, resolve) => {
    const [index, items] = list(argument).map(resolve);
    return list(items)[Number(index)];
  },
  "Fn::Split": (argument, resolve) => {
    const [separator, text] = list(argument).map(resolve);
    return String(text).split(String(separator));
  },
  "Fn::FindInMap": (argument, resolve, scope) => {
    const [map, first, second] = list(argument).map((part) => String(resolve(part)));
    return scope.mapping(map ?? "", first ?? "", second ?? "");
  },
  "Fn::If": (argument, resolve, scope) => {
    const [name, whenTrue, whenFalse] = list(argument);
    return resolve(scope.condition(String(name)) ? whenTrue : whenFalse);
  },
  "Fn::GetAZs": (argument, resolve, scope) => scope.zones(String(resolve(argument))),
  "Fn::Base64": (argument, resolve) => Buffer.from(String(resolve(argument))).toString("base64"),
  "Fn::Equals": (argument, resolve) => {
    const [left, right] = list(argument).map(resolve);
    return String(left) === String(right);
  },
  "Fn::And": (argument, resolve) => list(argument).map(resolve).every(Boolean),
  "Fn::Or": (argument, resolve) => list(argument).map(resolve).some(Boolean),
  "Fn::Not": (argument, resolve) => !list(argument).map(resolve)[0],
  Condition: (name, _, scope) => scope.condition(String(name)),
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Returns the intrinsic function and its argument if the object is one: its only key is the function's name. */
const intrinsicOf = (value: Record<string, unknown>): [string, unknown] | undefined => {
  const [entry, more] = Object.entries(value);
  if (!entry || more) return undefined;
  const [name, argument] = entry;
  // Elsewhere, as in a policy statement, `Condition` has an object; the function's argument is a name.
  if (name === "Condition" && typeof argument !== "string") return undefined;
  return name === "Ref" || name === "Condition" || name.startsWith("Fn::") ? [name, argument] : undefined;
};

/** Returns the value with every intrinsic function evaluated. Throws on an unsupported function. */
export const resolveIntrinsics = (value: unknown, scope: Scope): unknown => {
  const resolve: Resolve = (inner) => resolveIntrinsics(inner, scope);
  if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== NO_VALUE);
  if (!isObject(value)) return value;
  const intrinsic = intrinsicOf(value);
  if (intrinsic) {
    const [name, argument] = intrinsic;
    const evaluate = INTRINSICS[name];
    if (!evaluate) throw new Error(`no support for ${name}`);
    return evaluate(argument, resolve, scope);
  }
  const entries = Object.entries(value).map(([key, inner]) => [key, resolve(inner)]);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== NO_VALUE));
};

/** Returns every name that the value references by Ref, Fn::GetAtt or Fn::Sub, including parameters and Fn::Sub's own variables. */
export const referencesIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  const [name, argument] = intrinsicOf(value) ?? [];
  if (name === "Ref") return [String(argument)];
  if (name === "Fn::GetAtt") return [String(typeof argument === "string" ? argument.split(".")[0] : list(argument)[0])];
  const inner = Object.values(value).flatMap(referencesIn);
  if (name !== "Fn::Sub") return inner;
  const text = String(typeof argument === "string" ? argument : list(argument)[0]);
  return [...inner, ...[...text.matchAll(/\$\{([^}!.]+)/g)].map(([, variable]) => String(variable))];
};
