import { isObject, type JsonObject } from "../json-value.ts";
import { fieldOf } from "../schema/schema.ts";
import type { GoScalar, GoStruct, GoType } from "./types.ts";

const QUANTITY = /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/;

/** A value that does not fit its Go type. The message is that of Go's decoder. */
export class DecodeError extends Error {
  override readonly name = "DecodeFailure";
}

/** The decoder's position: the paths with and without list indices, and the struct being decoded. */
interface Position {
  readonly path: string;
  readonly fields: string;
  readonly struct: string;
}

/**
 * Simulates decoding an object into a Go struct (sigs.k8s.io/json): removes unknown fields in place and throws for a value of
 * the wrong type. Returns the paths of the removed fields.
 */
export const decode = (value: JsonObject, type: GoStruct, path = ""): string[] => {
  const unknown: string[] = [];
  decodeStruct(value, type, { path, fields: path, struct: type.name }, unknown);
  return unknown;
};

const decodeStruct = (object: JsonObject, type: GoStruct, position: Position, unknown: string[]): void => {
  for (const [field, value] of Object.entries(object)) {
    const known = type.fields.get(field);
    const path = fieldOf(position.path, field);
    if (known) decodeValue(value, known, { path, fields: fieldOf(position.fields, field), struct: type.name }, unknown);
    else {
      delete object[field];
      unknown.push(path);
    }
  }
};

const decodeValue = (value: unknown, type: GoType, position: Position, unknown: string[]): void => {
  if (value === null || value === undefined || type.kind === "any") return;
  if (type.kind === "scalar") checkScalar(value, type, position);
  else if (type.kind === "list") {
    if (!Array.isArray(value)) throw typeError(value, type, position);
    for (const [index, item] of value.entries()) {
      decodeValue(item, type.items, { ...position, path: `${position.path}[${index}]` }, unknown);
    }
  } else if (!isObject(value)) throw typeError(value, type, position);
  else if (type.kind === "struct") decodeStruct(value, type, position, unknown);
  else
    for (const [key, item] of Object.entries(value))
      decodeValue(item, type.values, { ...position, path: fieldOf(position.path, key) }, unknown);
};

const checkScalar = (value: unknown, type: GoScalar, position: Position): void => {
  if (type.name === "quantity") {
    if (typeof value !== "number" && !(typeof value === "string" && QUANTITY.test(value))) {
      throw new DecodeError(`quantities must match the regular expression '${QUANTITY.source}'`);
    }
    return;
  }
  const expected = type.name === "bool" ? "boolean" : type.name === "string" ? "string" : "number";
  const startsFromCurrent = type.name !== "int32" && type.name !== "int64" ? true : Number.isInteger(value);
  if (typeof value !== expected || (expected === "number" && !startsFromCurrent))
    throw typeError(value, type, position);
};

const typeError = (value: unknown, type: GoType, { fields, struct }: Position): DecodeError =>
  new DecodeError(
    `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${struct}.${fields} of type ${goName(type)}`,
  );

const jsonKind = (value: unknown): string => {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value === "number" && !Number.isInteger(value) ? `number ${value}` : typeof value;
};

const goName = (type: GoType): string => {
  if (type.kind === "list") return `[]${goName(type.items)}`;
  if (type.kind === "map") return `map[string]${goName(type.values)}`;
  if (type.kind === "struct") return `v1.${type.name}`;
  return type.kind === "scalar" ? type.name : "interface {}";
};
