import { canonicalJson } from "../model/canonical-json.ts";

/** The changed fields as a merge patch; null removes a field. Compares canonical JSON, because the API server does not keep key order. */
export const statusPatch = (before: object, after: object): Record<string, unknown> => {
  const previous = new Map<string, unknown>(Object.entries(before));
  const changed = Object.entries(after).filter(
    ([key, value]) => canonicalJson(previous.get(key) ?? null) !== canonicalJson(value ?? null),
  );
  return Object.fromEntries(changed.map(([key, value]) => [key, value ?? null]));
};
