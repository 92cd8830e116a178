import { Environment } from "@marcbachmann/cel-js";
import { isObject, type JsonObject } from "../json-value.ts";
import type { Cause } from "../status-errors.ts";
import { fieldOf, type Schema, schemaOfField, type ValidationRule } from "./schema.ts";

type Program = (variables: JsonObject) => unknown;

/** The verbs %s and %d of cel-go's strings extension, which Kubernetes has and the library does not. */
const format = (text: string, values: readonly unknown[]): string => {
  const rest = [...values];
  return text.replace(/%[sd]/g, () => String(rest.shift()));
};

const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
  .registerVariable("self", "dyn")
  .registerVariable("oldSelf", "dyn")
  .registerFunction("string.format(list<dyn>): string", format);
const programs = new Map<string, Program>();

/** Compiles a rule and caches it. Throws on a syntax error. */
export const compileRule = (rule: string): Program => {
  const known = programs.get(rule);
  if (known) return known;
  const program = environment.parse(rule) as Program;
  programs.set(rule, program);
  return program;
};

/**
 * Evaluates the x-kubernetes-validations of a schema (CEL). Rules that read `oldSelf` compare with the previous value and are
 * skipped if there is none.
 */
export const checkRules = (value: unknown, schema: Schema, before?: unknown, path = ""): Cause[] => [
  ...(schema["x-kubernetes-validations"] ?? []).flatMap((rule) => checkRule(rule, value, schema, before, path)),
  ...checkChildren(value, schema, before, path),
];

const checkChildren = (value: unknown, schema: Schema, before: unknown, path: string): Cause[] => {
  const { items } = schema;
  if (Array.isArray(value) && items) {
    return value.flatMap((item, index) =>
      checkRules(item, items, previousItem(item, schema, before), `${path}[${index}]`),
    );
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([field, child]) => {
    const known = schemaOfField(schema, field);
    if (!known || child === null) return [];
    return checkRules(child, known, isObject(before) ? before[field] : undefined, fieldOf(path, field));
  });
};

/** Items of a list of type `map` correspond if their keys are equal. Items of other lists have no identity to compare by. */
const previousItem = (item: unknown, schema: Schema, before: unknown): unknown => {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (!keys || !Array.isArray(before) || !isObject(item)) return undefined;
  return before.find((other) => isObject(other) && keys.every((key) => other[key] === item[key]));
};

const checkRule = (rule: ValidationRule, value: unknown, schema: Schema, before: unknown, path: string): Cause[] => {
  const isTransition = /\boldSelf\b/.test(rule.rule);
  if (isTransition && before === undefined) return [];
  const variables = { self: toCel(value, schema), oldSelf: isTransition ? toCel(before, schema) : null };
  const shown = typeof value === "object" ? "" : `${JSON.stringify(value)}: `;
  const cause = (message: string): Cause => ({
    field: `${path}${rule.fieldPath ?? ""}`.replace(/^\./, "") || "<nil>",
    reason: rule.reason ?? "FieldValueInvalid",
    message: `Invalid value: ${shown}${message}`,
  });
  try {
    if (compileRule(rule.rule)(variables) === true) return [];
    return [cause(messageOf(rule, variables))];
  } catch (error) {
    const field = path || "<nil>";
    const message = `Invalid value: "${schema.type}": ${celErrorOf(error)} evaluating rule: ${rule.message ?? failed(rule)}`;
    return [{ field, reason: "FieldValueInvalid", message }];
  }
};

const failed = ({ rule }: ValidationRule): string => `failed rule: ${rule}`;

/** Translates error messages of the CEL library into those of cel-go. */
const CEL_ERRORS: readonly (readonly [RegExp, string])[] = [
  [/^Invalid duration string.*/s, "type conversion error from 'string' to 'google.protobuf.Duration'"],
  [/^.*index out of bounds, index (\d+).*/s, "index out of bounds: $1"],
  [/^No such key: (\S+).*/s, "no such key: $1"],
];

const celErrorOf = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  const [pattern, words] = CEL_ERRORS.find(([known]) => known.test(text)) ?? [/\n.*/s, ""];
  return text.replace(pattern, words);
};

const messageOf = (rule: ValidationRule, variables: JsonObject): string => {
  if (rule.messageExpression) return String(compileRule(rule.messageExpression)(variables));
  return rule.message ?? failed(rule);
};

/** Converts JSON to CEL values according to the schema: integers become BigInt, date-times become Date. */
const toCel = (value: unknown, schema: Schema | undefined): unknown => {
  if (typeof value === "number") {
    const isInteger = schema?.type === "integer" || (schema?.type !== "number" && Number.isInteger(value));
    return isInteger ? BigInt(value) : value;
  }
  if (typeof value === "string" && schema?.format === "date-time") return new Date(value);
  if (Array.isArray(value)) return value.map((item) => toCel(item, schema?.items));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, child]) => [field, toCel(child, schemaOfField(schema, field))]),
  );
};
