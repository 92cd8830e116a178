/** The fields that differ, as a merge patch: null takes away what is not known any more. */
export const statusPatch = (before: object, after: object): Record<string, unknown> => {
  const known = new Map(Object.entries(before));
  const changed = Object.entries(after).filter(([key, value]) => canonical(known.get(key)) !== canonical(value));
  return Object.fromEntries(changed.map(([key, value]) => [key, value ?? null]));
};

/** JSON with sorted keys, because an API server does not keep their order. */
const canonical = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
