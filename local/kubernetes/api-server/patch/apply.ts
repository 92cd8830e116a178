import { copy, isEqual, isObject, type JsonObject } from "../json-value.ts";
import { KubeFailure, type KubeObject } from "../store.ts";
import { describe, elementsOf, fieldsOf, pickKeys } from "./field-set.ts";
import { changedFields, isSameManager, type Manager, managersOf, setManagers } from "./managed-fields.ts";
import type { Shapes } from "./shapes.ts";

/**
 * Server-side apply (structured-merge-diff): merges `applied` into `current`; fields the manager applied before and left out now
 * are removed, unless another manager owns them too. Changing a field of another manager is a 409, unless `force`.
 */
export const apply = (
  current: KubeObject | undefined,
  applied: KubeObject,
  by: Omit<Manager, "fields" | "operation">,
  shapes: Shapes,
  force: boolean,
): KubeObject => {
  const self = { ...by, operation: "Apply" as const };
  const wanted = fieldsOf(applied as JsonObject, shapes);
  const present = current ? managersOf(current) : [];
  const changes = changedFields(current ? fieldsOf(current as JsonObject, shapes) : new Map(), wanted);
  const others = present.filter((manager) => !isSameManager(manager, self));
  if (!force) refuseConflicts(others, changes);
  const mine = present.find((manager) => isSameManager(manager, self));
  const merged = mergeApplied(current ?? applied, applied, [], shapes) as KubeObject;
  const owned = new Set(others.flatMap(({ fields }) => [...fields]));
  for (const path of mine?.fields ?? []) {
    if (!isWanted(path, wanted) && !owned.has(path)) removePath(merged, elementsOf(path));
  }
  const fields = new Set(wanted.keys());
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

/** A map that was empty and holds fields now is still wanted. */
const isWanted = (path: string, wanted: ReadonlyMap<string, unknown>): boolean =>
  wanted.has(path) || [...wanted.keys()].some((other) => other.startsWith(`${path}\t`));

const refuseConflicts = (others: readonly Manager[], changes: ReadonlySet<string>): void => {
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

const mergeApplied = (current: unknown, applied: unknown, path: readonly string[], shapes: Shapes): unknown => {
  if (isObject(applied) && isObject(current) && !shapes.isAtomicMap(path)) {
    const merged: JsonObject = copy(current);
    for (const [field, value] of Object.entries(applied)) {
      merged[field] = mergeApplied(current[field], value, [...path, field], shapes);
    }
    return merged;
  }
  if (Array.isArray(applied) && Array.isArray(current)) return mergeLists(current, applied, path, shapes);
  return copy(applied);
};

const mergeLists = (current: unknown[], applied: unknown[], path: readonly string[], shapes: Shapes): unknown[] => {
  const shape = shapes.list(path);
  if (shape.type === "atomic") return copy(applied);
  const identity = (item: unknown) =>
    JSON.stringify(shape.type === "map" && isObject(item) ? pickKeys(item, shape.keys) : item);
  const present = new Map(current.map((item) => [identity(item), item]));
  const wanted = new Map(applied.map((item) => [identity(item), item]));
  return orderOfMerge([...present.keys()], [...wanted.keys()]).map((id) =>
    wanted.has(id) ? mergeApplied(present.get(id), wanted.get(id), path, shapes) : present.get(id),
  );
};

/**
 * In which order a merged list holds its items: those applied in their order, the others where they were among them (structured-merge-diff,
 * mergingWalker.visitListItems).
 */
const orderOfMerge = (present: readonly string[], wanted: readonly string[]): string[] => {
  const isWantedToo = new Set(wanted);
  const shared = wanted.filter((id) => present.includes(id));
  const taken = new Set<string>();
  const left = [...present];
  const right = [...wanted];
  while (left.length > 0 || right.length > 0) {
    const [mine, theirs] = [left[0], right[0]];
    if (mine !== undefined && !isWantedToo.has(mine)) taken.add(left.shift() ?? "");
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

/** Removes a field, an item with all its fields, or a value; what became empty by it goes as well. */
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
