export interface Fallback<T> {
  /** The answer as long as `read` has never succeeded for a key. */
  readonly value: T;
  onFailure(error: unknown, key: string): void;
}

/**
 * Caches what `read` answers by key for `ttlMs` milliseconds. A failure is thrown and not cached; with a `fallback` it is reported, and
 * the last answer stands for another `ttlMs`.
 */
export const ttlCache = <T>(
  ttlMs: number,
  read: (key: string) => Promise<T>,
  fallback?: Fallback<T>,
): ((key: string, now: number) => Promise<T>) => {
  const cache = new Map<string, { readonly value: T; readonly readAt: number }>();

  const readOrKeep = async (key: string, last: T | undefined): Promise<T> => {
    try {
      return await read(key);
    } catch (error) {
      if (!fallback) throw error;
      fallback.onFailure(error, key);
      return last ?? fallback.value;
    }
  };

  return async (key, now) => {
    const cached = cache.get(key);
    if (cached && now - cached.readAt < ttlMs) return cached.value;
    const value = await readOrKeep(key, cached?.value);
    cache.set(key, { value, readAt: now });
    return value;
  };
};
