/** Operations on JSON values: copying, comparing, and freezing stored objects. */

export type JsonObject = { [field: string]: unknown };

/** Whether the value is a JSON object: neither null nor an array. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A deep copy that may be modified. */
export const copy = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map((item) => copy(item)) as T;
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) {
    if (value[key] !== undefined) result[key] = copy(value[key]);
  }
  return result as T;
};

/** Deep equality. An undefined field counts as absent. */
export const isEqual = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  for (const key of Object.keys(a)) if (!isEqual(a[key], b[key])) return false;
  for (const key of Object.keys(b)) if (b[key] !== undefined && a[key] === undefined) return false;
  return true;
};

/** Deep-freezes the value, so that a reader that modifies a stored object gets an error. */
export const freeze = <T>(value: T): T => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) freeze(item);
  return Object.freeze(value);
};

/** The value at a path of plain field names, or undefined. */
export const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, field) => (isObject(at) ? at[field] : undefined), value);

/** The object in `field`, created if it is missing. */
export const childOf = (parent: JsonObject, field: string): JsonObject => {
  const present = parent[field];
  if (isObject(present)) return present;
  const created: JsonObject = {};
  parent[field] = created;
  return created;
};

/** The objects in a value that should be a list of objects. */
export const objectsIn = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
