import { isEqual, type JsonObject } from "../json-value.ts";
import type { KubeObject } from "../store.ts";
import { type FieldSet, type FieldsV1, fieldsOf, fromWire, toWire } from "./field-set.ts";
import type { Shapes } from "./shapes.ts";

/** Who owns which fields of an object: an entry of metadata.managedFields. */
export interface Manager {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly time: string;
  readonly subresource: string | undefined;
  readonly fields: ReadonlySet<string>;
}

interface Entry {
  manager: string;
  operation: "Apply" | "Update";
  apiVersion: string;
  time: string;
  fieldsType: "FieldsV1";
  fieldsV1: FieldsV1;
  subresource?: string;
}

/** As many as a real API server keeps of those that update; the oldest give way (managedfields, DefaultMaxUpdateManagers). */
const MOST_UPDATERS = 10;

export const managersOf = (object: KubeObject): Manager[] =>
  ((object.metadata.managedFields ?? []) as Entry[]).map(({ fieldsV1, fieldsType: _type, ...entry }) => ({
    ...entry,
    subresource: entry.subresource,
    fields: fromWire(fieldsV1),
  }));

export const setManagers = (object: KubeObject, managers: readonly Manager[]): void => {
  const entries = managers
    .filter(({ fields }) => fields.size > 0)
    .toSorted(byOrderOfEntries)
    .filter(({ operation }, index, all) => operation === "Apply" || index >= all.length - MOST_UPDATERS)
    .map(
      ({ fields, manager, operation, apiVersion, time, subresource }): Entry => ({
        manager,
        operation,
        apiVersion,
        time,
        fieldsType: "FieldsV1",
        fieldsV1: toWire(fields),
        ...(subresource ? { subresource } : {}),
      }),
    );
  if (entries.length > 0) object.metadata.managedFields = entries;
  else delete object.metadata.managedFields;
};

/** Those that apply before those that update, then by time and name (managedfields, sortEncodedManagedFields). */
const byOrderOfEntries = (a: Manager, b: Manager): number =>
  compare(a.operation, b.operation) ||
  compare(a.time, b.time) ||
  compare(a.manager, b.manager) ||
  compare(a.subresource ?? "", b.subresource ?? "");

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const isSameManager = (a: Omit<Manager, "fields" | "time">, b: Omit<Manager, "fields" | "time">): boolean =>
  a.manager === b.manager && a.operation === b.operation && (a.subresource ?? "") === (b.subresource ?? "");

/** Fields of `after` that `before` does not have, or has with another value. */
export const changedFields = (before: FieldSet, after: FieldSet): Set<string> =>
  new Set([...after].flatMap(([path, value]) => (before.has(path) && isEqual(before.get(path), value) ? [] : [path])));

/**
 * Notes an update that is not an apply: what it changed is its manager's now and nobody else's, what it removed is nobody's
 * (structured-merge-diff, Updater.Update).
 */
export const noteUpdate = (
  before: KubeObject | undefined,
  after: KubeObject,
  by: Omit<Manager, "fields" | "operation">,
  shapes: Shapes,
): void => {
  const old: FieldSet = before ? fieldsOf(before as JsonObject, shapes) : new Map();
  const now = fieldsOf(after as JsonObject, shapes);
  const changed = changedFields(old, now);
  const gone = [...old.keys()].filter((path) => !now.has(path));
  const present = before ? managersOf(before) : [];
  if (changed.size === 0 && gone.length === 0) {
    setManagers(after, present);
    return;
  }
  const self = { ...by, operation: "Update" as const };
  const mine = present.find((manager) => isSameManager(manager, self));
  const others = present.filter((manager) => manager !== mine);
  const own = new Set([...(mine?.fields ?? []), ...changed].filter((path) => now.has(path)));
  setManagers(after, [
    ...others.map((manager) => ({
      ...manager,
      fields: new Set([...manager.fields].filter((path) => !changed.has(path) && now.has(path))),
    })),
    { ...self, fields: own },
  ]);
};
