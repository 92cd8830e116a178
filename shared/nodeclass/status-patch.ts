import { canonicalJson } from "../canonical-json.ts";

/** The fields that differ, as a merge patch: null takes away what is not known any more. An API server does not keep their order. */
export const statusPatch = (before: object, after: object): Record<string, unknown> => {
  const known = new Map(Object.entries(before));
  const changed = Object.entries(after).filter(
    ([key, value]) => canonicalJson(known.get(key)) !== canonicalJson(value),
  );
  return Object.fromEntries(changed.map(([key, value]) => [key, value ?? null]));
};
