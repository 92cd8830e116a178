import { isObject, type JsonObject } from "../json-value.ts";
import type { MergeSchema } from "./merge-schema.ts";

/** The wire format of a field set: `f:` is a field, `k:` a list item by its keys, `v:` a set value, `.` the element itself. */
export type FieldsV1 = { [element: string]: FieldsV1 };

/** A field set: maps each path, with its elements joined by tabs, to its value (undefined for an item or a map itself). */
export type FieldSet = Map<string, unknown>;

const SEPARATOR = "\t";
export const elementsOf = (path: string): string[] => path.split(SEPARATOR);

/** Fields without a manager (apimachinery managedfields, stripMeta). */
const NOT_MANAGED = new Set([
  "apiVersion",
  "kind",
  "metadata\tname",
  "metadata\tnamespace",
  "metadata\tcreationTimestamp",
  "metadata\tselfLink",
  "metadata\tuid",
  "metadata\tclusterName",
  "metadata\tgeneration",
  "metadata\tmanagedFields",
  "metadata\tresourceVersion",
  "metadata\tdeletionTimestamp",
  "metadata\tdeletionGracePeriodSeconds",
]);

/** The fields that an object sets. */
export const fieldsOf = (object: JsonObject, mergeSchema: MergeSchema): FieldSet => {
  const found: FieldSet = new Map();
  collectObject(object, [], [], mergeSchema, found);
  return found;
};

const collect = (
  value: unknown,
  elements: string[],
  fields: string[],
  mergeSchema: MergeSchema,
  found: FieldSet,
): void => {
  const path = elements.join(SEPARATOR);
  const listType = Array.isArray(value) ? mergeSchema.listType(fields) : undefined;
  if (isObject(value) && Object.keys(value).length > 0 && !mergeSchema.isAtomicMap(fields)) {
    collectObject(value, elements, fields, mergeSchema, found);
  } else if (Array.isArray(value) && listType?.type === "map" && value.length > 0) {
    for (const item of value.filter(isObject)) {
      const element = `k:${JSON.stringify(pickKeys(item, listType.keys))}`;
      found.set([...elements, element].join(SEPARATOR), undefined);
      collectObject(item, [...elements, element], fields, mergeSchema, found);
    }
  } else if (Array.isArray(value) && listType?.type === "set" && value.length > 0) {
    for (const item of value) found.set([...elements, `v:${JSON.stringify(item)}`].join(SEPARATOR), item);
  } else found.set(path, value);
};

const collectObject = (
  value: JsonObject,
  elements: string[],
  fields: string[],
  mergeSchema: MergeSchema,
  found: FieldSet,
) => {
  for (const [field, child] of Object.entries(value)) {
    const plain = [...fields, field];
    if (child === undefined || NOT_MANAGED.has(plain.join(SEPARATOR))) continue;
    collect(child, [...elements, `f:${field}`], plain, mergeSchema, found);
  }
};

/** An item's keys in alphabetical order. The protocol of a port defaults to TCP. */
export const pickKeys = (item: JsonObject, keys: readonly string[]): JsonObject => {
  const value = (key: string) => item[key] ?? (key === "protocol" ? "TCP" : undefined);
  return Object.fromEntries([...keys].sort().flatMap((key) => (value(key) === undefined ? [] : [[key, value(key)]])));
};

export const toWire = (paths: Iterable<string>): FieldsV1 => {
  const root: FieldsV1 = {};
  for (const path of [...paths].sort()) {
    let node = root;
    for (const element of elementsOf(path)) {
      const next = node[element] ?? {};
      node[element] = next;
      node = next;
    }
    if (path.split(SEPARATOR).at(-1)?.startsWith("k:")) node["."] = {};
  }
  return root;
};

export const fromWire = (fields: FieldsV1 | undefined, prefix: readonly string[] = []): Set<string> => {
  const paths = new Set<string>();
  for (const [element, below] of Object.entries(fields ?? {})) {
    if (element === ".") {
      if (prefix.at(-1)?.startsWith("k:")) paths.add(prefix.join(SEPARATOR));
    } else if (Object.keys(below).length === 0) paths.add([...prefix, element].join(SEPARATOR));
    else for (const path of fromWire(below, [...prefix, element])) paths.add(path);
  }
  return paths;
};

/** The human-readable path of a field: `.spec.taints[key="a"].value`. */
export const describe = (path: string): string =>
  elementsOf(path)
    .map((element) => {
      if (element.startsWith("f:")) return `.${element.slice(2)}`;
      if (element.startsWith("v:")) return `[=${element.slice(2)}]`;
      const keys = Object.entries(JSON.parse(element.slice(2)) as JsonObject);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
    })
    .join("");
