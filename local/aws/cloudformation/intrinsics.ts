/** CloudFormation's intrinsic functions ("Intrinsic function reference", CloudFormation Template Reference Guide). */

export interface Scope {
  /** A parameter's, pseudo parameter's or resource's value; undefined if there is none of the name. */
  ref(name: string): unknown;
  /** Throws if there is no such attribute. */
  getAtt(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, first: string, second: string): unknown;
  zones(region: string): readonly string[];
}

/** What `Ref: AWS::NoValue` gives: the property that holds it is left out. */
export const NO_VALUE = Symbol("AWS::NoValue");

type Resolve = (value: unknown) => unknown;
type Intrinsic = (argument: unknown, resolve: Resolve, scope: Scope) => unknown;

const list = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value;
  throw new Error(`an intrinsic function wants a list, not ${JSON.stringify(value)}`);
};

const refer: Intrinsic = (name, _, scope) => {
  const value = scope.ref(String(name));
  if (value === undefined) throw new Error(`Ref to ${String(name)}, which is neither parameter nor resource`);
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

/** The intrinsic function that an object stands for, if it does: one key that is the function's name. */
const intrinsicOf = (value: Record<string, unknown>): [string, unknown] | undefined => {
  const [entry, more] = Object.entries(value);
  if (!entry || more) return undefined;
  const [name, argument] = entry;
  // A policy statement's or anything else's `Condition` holds an object; the function's argument is a name.
  if (name === "Condition" && typeof argument !== "string") return undefined;
  return name === "Ref" || name === "Condition" || name.startsWith("Fn::") ? [name, argument] : undefined;
};

/** The value with every intrinsic function in it worked out. Throws on a function that is not supported. */
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

/** Every name the value refers to by Ref, Fn::GetAtt or Fn::Sub; parameters and variables of Fn::Sub among them. */
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
