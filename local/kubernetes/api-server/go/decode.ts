import { isObject, type JsonObject } from "../json-value.ts";
import { fieldOf } from "../schema/schema.ts";
import type { GoScalar, GoStruct, GoType } from "./types.ts";

const QUANTITY = /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/;

/** A value that a Go type cannot hold; the message is that of Go's decoder. */
export class DecodeFailure extends Error {
  override readonly name = "DecodeFailure";
}

/** Where the decoder is: the paths with and without the positions in lists, and the struct that it fills. */
interface Place {
  readonly path: string;
  readonly fields: string;
  readonly struct: string;
}

/**
 * Does what decoding an object into a Go struct does (sigs.k8s.io/json): fields that the struct does not have are removed, in place, and a value of
 * another type throws. Returns the paths of what went.
 */
export const decode = (value: JsonObject, type: GoStruct, path = ""): string[] => {
  const unknown: string[] = [];
  decodeStruct(value, type, { path, fields: path, struct: type.name }, unknown);
  return unknown;
};

const decodeStruct = (object: JsonObject, type: GoStruct, place: Place, unknown: string[]): void => {
  for (const [field, value] of Object.entries(object)) {
    const known = type.fields.get(field);
    const path = fieldOf(place.path, field);
    if (known) decodeValue(value, known, { path, fields: fieldOf(place.fields, field), struct: type.name }, unknown);
    else {
      delete object[field];
      unknown.push(path);
    }
  }
};

const decodeValue = (value: unknown, type: GoType, place: Place, unknown: string[]): void => {
  if (value === null || value === undefined || type.kind === "any") return;
  if (type.kind === "scalar") checkScalar(value, type, place);
  else if (type.kind === "list") {
    if (!Array.isArray(value)) throw mismatch(value, type, place);
    for (const [index, item] of value.entries()) {
      decodeValue(item, type.items, { ...place, path: `${place.path}[${index}]` }, unknown);
    }
  } else if (!isObject(value)) throw mismatch(value, type, place);
  else if (type.kind === "struct") decodeStruct(value, type, place, unknown);
  else
    for (const [key, item] of Object.entries(value))
      decodeValue(item, type.values, { ...place, path: fieldOf(place.path, key) }, unknown);
};

const checkScalar = (value: unknown, type: GoScalar, place: Place): void => {
  if (type.name === "quantity") {
    if (typeof value !== "number" && !(typeof value === "string" && QUANTITY.test(value))) {
      throw new DecodeFailure(`quantities must match the regular expression '${QUANTITY.source}'`);
    }
    return;
  }
  const wanted = type.name === "bool" ? "boolean" : type.name === "string" ? "string" : "number";
  const isWhole = type.name !== "int32" && type.name !== "int64" ? true : Number.isInteger(value);
  if (typeof value !== wanted || (wanted === "number" && !isWhole)) throw mismatch(value, type, place);
};

const mismatch = (value: unknown, type: GoType, { fields, struct }: Place): DecodeFailure =>
  new DecodeFailure(
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
