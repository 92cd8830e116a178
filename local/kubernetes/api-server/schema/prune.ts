import { isObject, type JsonObject } from "../json-value.ts";
import { fieldOf, type Schema, schemaOfField } from "./schema.ts";

/** The root fields of every object, whatever the schema says. */
const ROOT_FIELDS = new Set(["apiVersion", "kind", "metadata"]);

/** Removes, in place, fields that the schema does not name. Returns their paths. */
export const prune = (object: JsonObject, schema: Schema): string[] => {
  const removed: string[] = [];
  pruneObject(object, schema, "", removed);
  return removed;
};

const pruneValue = (value: unknown, schema: Schema | undefined, path: string, removed: string[]): void => {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) pruneValue(item, schema?.items, `${path}[${index}]`, removed);
  } else if (isObject(value)) pruneObject(value, schema ?? {}, path, removed);
};

const pruneObject = (object: JsonObject, schema: Schema, path: string, removed: string[]): void => {
  const keepsAll = schema["x-kubernetes-preserve-unknown-fields"] || schema.additionalProperties === true;
  const isResource = path === "" || schema["x-kubernetes-embedded-resource"];
  for (const field of Object.keys(object)) {
    if (isResource && ROOT_FIELDS.has(field)) continue;
    const known = schemaOfField(schema, field);
    if (known) pruneValue(object[field], known, fieldOf(path, field), removed);
    else if (!keepsAll) {
      delete object[field];
      removed.push(fieldOf(path, field));
    }
  }
};
