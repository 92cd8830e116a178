import { isEqual, type JsonObject } from "../json-value.ts";
import type { KubeObject } from "../store.ts";
import { type FieldSet, type FieldsV1, fieldsOf, fromWire, toWire } from "./field-set.ts";
import type { MergeSchema } from "./merge-schema.ts";

/** An entry of metadata.managedFields: a manager and the fields that it owns. */
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

/** The real API server's limit for update managers; the oldest are dropped (managedfields, DefaultMaxUpdateManagers). */
const MAX_UPDATE_MANAGERS = 10;

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
    .filter(({ operation }, index, all) => operation === "Apply" || index >= all.length - MAX_UPDATE_MANAGERS)
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

/** Apply managers come before update managers, then sorted by time and name (managedfields, sortEncodedManagedFields). */
const byOrderOfEntries = (a: Manager, b: Manager): number =>
  compare(a.operation, b.operation) ||
  compare(a.time, b.time) ||
  compare(a.manager, b.manager) ||
  compare(a.subresource ?? "", b.subresource ?? "");

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const isSameManager = (a: Omit<Manager, "fields" | "time">, b: Omit<Manager, "fields" | "time">): boolean =>
  a.manager === b.manager && a.operation === b.operation && (a.subresource ?? "") === (b.subresource ?? "");

/** Fields of `after` that `before` lacks or has with a different value. */
export const changedFields = (before: FieldSet, after: FieldSet): Set<string> =>
  new Set([...after].flatMap(([path, value]) => (before.has(path) && isEqual(before.get(path), value) ? [] : [path])));

/**
 * Records the managed fields of an update that is not an apply: its manager becomes the only owner of the changed fields, and
 * removed fields lose their owners (structured-merge-diff, Updater.Update).
 */
export const trackUpdate = (
  before: KubeObject | undefined,
  after: KubeObject,
  by: Omit<Manager, "fields" | "operation">,
  mergeSchema: MergeSchema,
): void => {
  const old: FieldSet = before ? fieldsOf(before as JsonObject, mergeSchema) : new Map();
  const now = fieldsOf(after as JsonObject, mergeSchema);
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
