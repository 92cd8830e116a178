import { copy, isEqual, isObject, type JsonObject } from "../json-value.ts";
import { badRequest } from "../status-errors.ts";
import { BUILT_IN_MERGE_SCHEMA } from "./merge-schema.ts";

const DIRECTIVE = "$patch";
const ORDER = "$setElementOrder/";
const DELETE_VALUES = "$deleteFromPrimitiveList/";
const RETAIN = "$retainKeys";

/**
 * Strategic merge patch of a built-in kind (apimachinery, util/strategicpatch): like a merge patch, but lists with a merge key
 * are merged item by item, with the directives `$patch`, `$setElementOrder`, `$deleteFromPrimitiveList` and `$retainKeys`.
 */
export const strategicPatch = (target: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) throw badRequest("a strategic merge patch is an object");
  return mergeObjects(isObject(target) ? target : {}, patch, []);
};

const mergeObjects = (target: JsonObject, patch: JsonObject, path: readonly string[]): JsonObject => {
  if (patch[DIRECTIVE] === "replace") return withoutDirectives(patch);
  if (patch[DIRECTIVE] === "delete") return {};
  const result = { ...target };
  const retained = patch[RETAIN];
  if (Array.isArray(retained)) {
    for (const field of Object.keys(result)) if (!retained.includes(field)) delete result[field];
  }
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith("$")) continue;
    if (value === null) delete result[field];
    else result[field] = mergeValues(result[field], value, [...path, field]);
  }
  applyListDirectives(result, target, patch, path);
  return result;
};

const mergeValues = (target: unknown, value: unknown, path: readonly string[]): unknown => {
  if (isObject(value)) return mergeObjects(isObject(target) ? target : {}, value, path);
  if (!Array.isArray(value)) return value;
  const key = mergeKeyOf(path);
  const present = Array.isArray(target) ? target : [];
  if (key === undefined) return withoutDirectives(value);
  if (key === "") return inOrder([...new Set([...present, ...value])], value, present, undefined);
  return mergeLists(present, value, key, path);
};

/** The field that identifies a list's items; the empty string for a set of values; undefined for a list that is replaced. */
const mergeKeyOf = (path: readonly string[]): string | undefined => {
  const listType = BUILT_IN_MERGE_SCHEMA.listType(path);
  if (listType.type === "map") return listType.keys[0];
  return listType.type === "set" ? "" : undefined;
};

const mergeLists = (target: unknown[], patch: unknown[], key: string, path: readonly string[]): unknown[] => {
  if (patch.some((item) => isObject(item) && item[DIRECTIVE] === "replace" && item[key] === undefined)) {
    return withoutDirectives(patch.filter((item) => !isObject(item) || item[DIRECTIVE] !== "replace"));
  }
  let result = [...target];
  for (const item of patch) {
    if (!isObject(item)) throw badRequest(`items of ${path.join(".")} are objects`);
    const index = result.findIndex((other) => isObject(other) && isEqual(other[key], item[key]));
    if (item[DIRECTIVE] === "delete") result = result.filter((_, position) => position !== index);
    else if (index < 0) result.push(withoutDirectives(mergeObjects({}, item, path)));
    else result[index] = mergeObjects(result[index] as JsonObject, item, path);
  }
  return inOrder(result, patch, target, key);
};

const applyListDirectives = (
  result: JsonObject,
  target: JsonObject,
  patch: JsonObject,
  path: readonly string[],
): void => {
  for (const [directive, value] of Object.entries(patch)) {
    if (!Array.isArray(value)) continue;
    if (directive.startsWith(DELETE_VALUES)) {
      const field = directive.slice(DELETE_VALUES.length);
      const list = result[field];
      if (Array.isArray(list)) result[field] = list.filter((item) => !value.includes(item));
    } else if (directive.startsWith(ORDER)) {
      const field = directive.slice(ORDER.length);
      const [list, before] = [result[field], target[field]];
      const key = mergeKeyOf([...path, field]);
      if (Array.isArray(list)) result[field] = inOrder(list, value, Array.isArray(before) ? before : [], key);
    }
  }
};

/**
 * Sorts the items named by `order` in that order. The other items stay between them at their previous positions, after new
 * items (strategicpatch, mergeSortedSlice).
 */
const inOrder = (list: unknown[], order: unknown[], before: unknown[], key: string | undefined): unknown[] => {
  const identity = (item: unknown) => JSON.stringify(key && isObject(item) ? item[key] : item);
  const ranks = new Map(order.map((item, index) => [identity(item), index]));
  const positions = new Map(before.map((item, index) => [identity(item), index]));
  const rankOf = (item: unknown) => ranks.get(identity(item));
  const named = list.filter((item) => rankOf(item) !== undefined).sort((a, b) => (rankOf(a) ?? 0) - (rankOf(b) ?? 0));
  const others = list.filter((item) => rankOf(item) === undefined);
  const merged: unknown[] = [];
  for (const item of named) {
    const position = positions.get(identity(item)) ?? -1;
    while (others.length > 0 && (positions.get(identity(others[0])) ?? Number.POSITIVE_INFINITY) < position) {
      merged.push(others.shift());
    }
    merged.push(item);
  }
  return [...merged, ...others];
};

const withoutDirectives = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map(withoutDirectives) as T;
  if (!isObject(value)) return copy(value);
  const kept = Object.entries(value).filter(([field, item]) => !field.startsWith("$") && item !== null);
  return Object.fromEntries(kept.map(([field, item]) => [field, withoutDirectives(item)])) as T;
};
