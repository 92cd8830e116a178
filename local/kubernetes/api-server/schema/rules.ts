import { Environment } from "@marcbachmann/cel-js";
import { isObject, type JsonObject } from "../json-value.ts";
import type { Cause } from "../refusals.ts";
import { fieldOf, type Schema, schemaOfField, type ValidationRule } from "./schema.ts";

type Program = (variables: JsonObject) => unknown;

const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
  .registerVariable("self", "dyn")
  .registerVariable("oldSelf", "dyn");
const programs = new Map<string, Program>();

/** A compiled rule, kept for the next object. Throws on a syntax error. */
export const compileRule = (rule: string): Program => {
  const known = programs.get(rule);
  if (known) return known;
  const program = environment.parse(rule) as Program;
  programs.set(rule, program);
  return program;
};

/**
 * Evaluates the x-kubernetes-validations of a schema (CEL). Rules that read `oldSelf` compare with the value before and are left
 * out where there is none.
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

/** Items of a list of type map are the same item when their keys are; others have no identity to compare by. */
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
    const message = `Invalid value: "${schema.type}": ${problemOf(error)} evaluating rule: ${rule.message ?? failed(rule)}`;
    return [{ field, reason: "FieldValueInvalid", message }];
  }
};

const failed = ({ rule }: ValidationRule): string => `failed rule: ${rule}`;

/** What went wrong in a rule, as cel-go puts it. */
const PROBLEMS: readonly (readonly [RegExp, string])[] = [
  [/^Invalid duration string.*/s, "type conversion error from 'string' to 'google.protobuf.Duration'"],
  [/^.*index out of bounds, index (\d+).*/s, "index out of bounds: $1"],
  [/^No such key: (\S+).*/s, "no such key: $1"],
];

const problemOf = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  const [pattern, words] = PROBLEMS.find(([known]) => known.test(text)) ?? [/\n.*/s, ""];
  return text.replace(pattern, words);
};

const messageOf = (rule: ValidationRule, variables: JsonObject): string => {
  if (rule.messageExpression) return String(compileRule(rule.messageExpression)(variables));
  return rule.message ?? failed(rule);
};

/** JSON as CEL sees it under a schema: integers are BigInt, times are dates. Fields the schema does not name are hidden. */
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
