/** Keeps what `read` answered for a while, by key; a failure is not kept. */
export const ttlCache = <T>(
  ttlMs: number,
  read: (key: string) => Promise<T>,
): ((key: string, now: number) => Promise<T>) => {
  const kept = new Map<string, { readonly value: T; readonly readAt: number }>();
  return async (key, now) => {
    const known = kept.get(key);
    if (known && now - known.readAt < ttlMs) return known.value;
    const value = await read(key);
    kept.set(key, { value, readAt: now });
    return value;
  };
};
