import { copy, isObject, type JsonObject } from "../json-value.ts";

/** JSON merge patch (RFC 7386): null removes a field, objects are merged, everything else is replaced. */
export const mergePatch = (target: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return copy(patch);
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = mergePatch(result[field], value);
  }
  return result;
};
