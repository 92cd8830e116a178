/** JSON with sorted keys and without undefined fields: equal values have equal text. */
export const canonicalJson = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
