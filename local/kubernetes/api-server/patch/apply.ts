import { copy, isEqual, isObject, type JsonObject } from "../json-value.ts";
import { KubeFailure, type KubeObject } from "../store.ts";
import { describe, elementsOf, fieldsOf, pickKeys } from "./field-set.ts";
import { changedFields, isSameManager, type Manager, managersOf, setManagers } from "./managed-fields.ts";
import type { MergeSchema } from "./merge-schema.ts";

/**
 * Server-side apply (structured-merge-diff): merges `applied` into `current`. Removes fields that the manager applied before
 * but omits now, unless another manager also owns them. Throws 409 if it would change a field of another manager, unless
 * `force` is set.
 */
export const apply = (
  current: KubeObject | undefined,
  applied: KubeObject,
  by: Omit<Manager, "fields" | "operation">,
  mergeSchema: MergeSchema,
  force: boolean,
): KubeObject => {
  const self = { ...by, operation: "Apply" as const };
  const desired = fieldsOf(applied as JsonObject, mergeSchema);
  const present = current ? managersOf(current) : [];
  const changes = changedFields(current ? fieldsOf(current as JsonObject, mergeSchema) : new Map(), desired);
  const others = present.filter((manager) => !isSameManager(manager, self));
  if (!force) checkConflicts(others, changes);
  const mine = present.find((manager) => isSameManager(manager, self));
  const merged = mergeApplied(current ?? applied, applied, [], mergeSchema) as KubeObject;
  const owned = new Set(others.flatMap(({ fields }) => [...fields]));
  for (const path of mine?.fields ?? []) {
    if (!isApplied(path, desired) && !owned.has(path)) removePath(merged, elementsOf(path));
  }
  const fields = new Set(desired.keys());
  const isUnchanged = mine !== undefined && isEqual([...mine.fields].sort(), [...fields].sort());
  setManagers(merged, [
    { ...self, time: isUnchanged && changes.size === 0 ? mine.time : by.time, fields },
    ...others.map((manager) => ({
      ...manager,
      fields: new Set([...manager.fields].filter((path) => !changes.has(path))),
    })),
  ]);
  return merged;
};

/** Whether the path or a field below it is applied. The second case covers a map that was empty before. */
const isApplied = (path: string, desired: ReadonlyMap<string, unknown>): boolean =>
  desired.has(path) || [...desired.keys()].some((other) => other.startsWith(`${path}\t`));

const checkConflicts = (others: readonly Manager[], changes: ReadonlySet<string>): void => {
  const conflicts = others.flatMap((manager) =>
    [...manager.fields]
      .filter((path) => changes.has(path))
      .sort()
      .map((path) => ({ who: nameOf(manager), field: describe(path) })),
  );
  const [first] = conflicts;
  if (!first) return;
  const groups = [...new Set(conflicts.map(({ who }) => who))].map((who) => {
    const fields = conflicts.filter((each) => each.who === who).map(({ field }) => field);
    const [only, ...more] = fields;
    if (more.length === 0) return `conflict with ${who}: ${only}`;
    return `conflicts with ${who}:\n${fields.map((field) => `- ${field}`).join("\n")}`;
  });
  const count = `${conflicts.length} conflict${conflicts.length === 1 ? "" : "s"}`;
  throw new KubeFailure(409, "Conflict", `Apply failed with ${count}: ${groups.join("\n")}`, {
    causes: conflicts.map(({ who, field }) => ({
      reason: "FieldManagerConflict",
      message: `conflict with ${who}`,
      field,
    })),
  });
};

const nameOf = ({ manager, apiVersion, operation, subresource }: Manager): string => {
  const part = subresource ? ` with subresource "${subresource}"` : "";
  return `"${manager}"${part}${operation === "Update" ? ` using ${apiVersion}` : ""}`;
};

const mergeApplied = (
  current: unknown,
  applied: unknown,
  path: readonly string[],
  mergeSchema: MergeSchema,
): unknown => {
  if (isObject(applied) && isObject(current) && !mergeSchema.isAtomicMap(path)) {
    const merged: JsonObject = copy(current);
    for (const [field, value] of Object.entries(applied)) {
      merged[field] = mergeApplied(current[field], value, [...path, field], mergeSchema);
    }
    return merged;
  }
  if (Array.isArray(applied) && Array.isArray(current)) return mergeLists(current, applied, path, mergeSchema);
  return copy(applied);
};

const mergeLists = (
  current: unknown[],
  applied: unknown[],
  path: readonly string[],
  mergeSchema: MergeSchema,
): unknown[] => {
  const listType = mergeSchema.listType(path);
  if (listType.type === "atomic") return copy(applied);
  const identity = (item: unknown) =>
    JSON.stringify(listType.type === "map" && isObject(item) ? pickKeys(item, listType.keys) : item);
  const present = new Map(current.map((item) => [identity(item), item]));
  const desired = new Map(applied.map((item) => [identity(item), item]));
  return orderOfMerge([...present.keys()], [...desired.keys()]).map((id) =>
    desired.has(id) ? mergeApplied(present.get(id), desired.get(id), path, mergeSchema) : present.get(id),
  );
};

/**
 * The order of items in a merged list: applied items in their own order, the others at their previous relative positions
 * (structured-merge-diff, mergingWalker.visitListItems).
 */
const orderOfMerge = (present: readonly string[], desired: readonly string[]): string[] => {
  const desiredIds = new Set(desired);
  const shared = desired.filter((id) => present.includes(id));
  const taken = new Set<string>();
  const left = [...present];
  const right = [...desired];
  while (left.length > 0 || right.length > 0) {
    const [mine, theirs] = [left[0], right[0]];
    if (mine !== undefined && !desiredIds.has(mine)) taken.add(left.shift() ?? "");
    else if (
      mine !== undefined &&
      (taken.has(mine) || (theirs !== undefined && mine !== theirs && mine !== shared[0]))
    ) {
      left.shift();
    } else if (theirs !== undefined) {
      taken.add(theirs);
      right.shift();
      if (theirs === shared[0]) shared.shift();
    } else left.shift();
  }
  return [...taken];
};

/** Removes a field, an item with all its fields, or a value, and then any parent that became empty. */
const removePath = (parent: unknown, elements: readonly string[]): void => {
  const [element = "", ...below] = elements;
  if (isObject(parent)) {
    const field = element.slice(2);
    if (below.length === 0) delete parent[field];
    else {
      const isFilled = !isEmpty(parent[field]);
      removePath(parent[field], below);
      if (isFilled && isEmpty(parent[field])) delete parent[field];
    }
  } else if (Array.isArray(parent)) {
    const index = parent.findIndex((item) => isItem(item, element));
    if (index < 0) return;
    if (below.length === 0) parent.splice(index, 1);
    else removePath(parent[index], below);
  }
};

const isItem = (item: unknown, element: string): boolean => {
  if (element.startsWith("v:")) return JSON.stringify(item) === element.slice(2);
  const keys = JSON.parse(element.slice(2)) as JsonObject;
  return isObject(item) && isEqual(pickKeys(item, Object.keys(keys)), keys);
};

const isEmpty = (value: unknown): boolean =>
  (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);
