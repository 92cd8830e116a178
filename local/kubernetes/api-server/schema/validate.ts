import { isEqual, isObject, type JsonObject } from "../json-value.ts";
import type { Cause } from "../status-errors.ts";
import { isFormat } from "./formats.ts";
import { fieldOf, type Schema, schemaOfField } from "./schema.ts";

/**
 * Validates a value against a schema, with the messages of apiextensions-apiserver (pkg/apiserver/validation) and of the
 * go-openapi validator that it uses.
 */
export const validate = (value: unknown, schema: Schema, path = ""): Cause[] => {
  if (value === null && schema.nullable) return [];
  const wrongType = checkType(value, schema, path);
  if (wrongType) return [wrongType];
  return [
    ...checkEnum(value, schema, path),
    ...(typeof value === "string" ? checkString(value, schema, path) : []),
    ...(typeof value === "number" ? checkNumber(value, schema, path) : []),
    ...(Array.isArray(value) ? checkList(value, schema, path) : []),
    ...(isObject(value) ? checkObject(value, schema, path) : []),
    ...checkCombinations(value, schema, path),
  ];
};

const typeName = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "float64";
  return typeof value;
};

const checkType = (value: unknown, schema: Schema, path: string): Cause | undefined => {
  const got = typeName(value);
  if (schema["x-kubernetes-int-or-string"]) {
    return got === "integer" || got === "string" ? undefined : typeCause(path, "integer,string", got);
  }
  const isNumber = schema.type === "number" && typeof value === "number";
  if (!schema.type || schema.type === got || isNumber) return undefined;
  return typeCause(path, typeof value === "number" ? (schema.format ?? schema.type) : schema.type, got);
};

const typeCause = (path: string, expected: string, got: string): Cause => ({
  field: path || "<nil>",
  reason: "FieldValueTypeInvalid",
  message: `Invalid value: "${got}": ${path} in body must be of type ${expected}: "${got}"`,
});

const invalid = (path: string, value: unknown, problem: string): Cause => ({
  field: path || "<nil>",
  reason: "FieldValueInvalid",
  message: `Invalid value: ${isObject(value) ? "" : `${JSON.stringify(value)}: `}${path} in body ${problem}`,
});

const tooMany = (path: string, got: number, max: number): Cause => ({
  field: path || "<nil>",
  reason: "FieldValueTooMany",
  message: `Too many: ${got}: must have at most ${max} items`,
});

const checkEnum = (value: unknown, schema: Schema, path: string): Cause[] => {
  if (!schema.enum || schema.enum.some((allowed) => isEqual(allowed, value))) return [];
  const supported = schema.enum.map((allowed) => JSON.stringify(allowed)).join(", ");
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`;
  return [{ field: path, reason: "FieldValueNotSupported", message }];
};

/** Reports only the first error, like go-openapi. */
const checkString = (value: string, schema: Schema, path: string): Cause[] => {
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    const message = `Too long: may not be more than ${schema.maxLength} bytes`;
    return [{ field: path, reason: "FieldValueTooLong", message }];
  }
  if (schema.minLength !== undefined && length < schema.minLength) {
    return [invalid(path, value, `should be at least ${schema.minLength} chars long`)];
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)) {
    return [invalid(path, value, `should match '${schema.pattern}'`)];
  }
  if (schema.format && !isFormat(schema.format, value)) {
    return [invalid(path, value, `must be of type ${schema.format}: ${JSON.stringify(value)}`)];
  }
  return [];
};

const checkNumber = (value: number, schema: Schema, path: string): Cause[] => {
  const { minimum, maximum } = schema;
  const causes: Cause[] = [];
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
    causes.push(
      invalid(path, value, `should be greater than ${schema.exclusiveMinimum ? "" : "or equal to "}${minimum}`),
    );
  }
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) {
    causes.push(invalid(path, value, `should be less than ${schema.exclusiveMaximum ? "" : "or equal to "}${maximum}`));
  }
  if (schema.format === "int32" && value !== (value | 0)) {
    const message = `Invalid value: "": Checked value must be of type integer with format int32 in ${path}`;
    causes.push({ field: "<nil>", reason: "FieldValueInvalid", message });
  }
  return causes;
};

const checkList = (list: unknown[], schema: Schema, path: string): Cause[] => {
  const causes: Cause[] = [];
  if (schema.maxItems !== undefined && list.length > schema.maxItems) {
    causes.push(tooMany(path, list.length, schema.maxItems));
  }
  if (schema.minItems !== undefined && list.length < schema.minItems) {
    causes.push(invalid(path, list.length, `should have at least ${schema.minItems} items`));
  }
  const { items } = schema;
  if (items) causes.push(...list.flatMap((item, index) => validate(item, items, `${path}[${index}]`)));
  return [...causes, ...checkDuplicates(list, schema, path)];
};

const checkDuplicates = (list: unknown[], schema: Schema, path: string): Cause[] => {
  const listType = schema["x-kubernetes-list-type"];
  if (listType !== "map" && listType !== "set") return [];
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    const identity = listType === "set" ? item : keysOf(item, schema);
    const text = JSON.stringify(identity);
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    return [{ field: `${path}[${index}]`, reason: "FieldValueDuplicate", message: `Duplicate value: ${text}` }];
  });
};

/** The map keys of a list item in alphabetical order, as Go prints a map. */
const keysOf = (item: unknown, schema: Schema): JsonObject => {
  const keys = [...(schema["x-kubernetes-list-map-keys"] ?? [])].sort();
  const found = keys.map((key) => [key, isObject(item) ? item[key] : undefined] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
};

const checkObject = (object: JsonObject, schema: Schema, path: string): Cause[] => {
  const causes: Cause[] = [];
  const size = Object.keys(object).length;
  if (schema.maxProperties !== undefined && size > schema.maxProperties) {
    causes.push(tooMany(path, size, schema.maxProperties));
  }
  if (schema.minProperties !== undefined && size < schema.minProperties) {
    causes.push(invalid(path, size, `should have at least ${schema.minProperties} properties`));
  }
  for (const field of schema.required ?? []) {
    if (object[field] !== undefined) continue;
    causes.push({ field: fieldOf(path, field), reason: "FieldValueRequired", message: "Required value" });
  }
  for (const [field, value] of Object.entries(object)) {
    const known = schemaOfField(schema, field);
    // The object's own metadata is validated by the rules for all kinds.
    if (known && !(path === "" && field === "metadata")) causes.push(...validate(value, known, fieldOf(path, field)));
  }
  return causes;
};

const checkCombinations = (value: unknown, schema: Schema, path: string): Cause[] => {
  const passes = (alternative: Schema) => validate(value, alternative, path).length === 0;
  const causes = (schema.allOf ?? []).flatMap((part) => validate(value, part, path));
  if (schema.anyOf && !schema["x-kubernetes-int-or-string"] && !schema.anyOf.some(passes)) {
    causes.push(invalid(path, value, "must validate at least one schema (anyOf)"));
  }
  if (schema.oneOf && schema.oneOf.filter(passes).length !== 1) {
    causes.push(invalid(path, value, "must validate one and only one schema (oneOf)"));
  }
  if (schema.not && passes(schema.not)) causes.push(invalid(path, value, "must not validate the schema (not)"));
  return causes;
};
