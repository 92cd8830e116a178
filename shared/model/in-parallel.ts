/** Runs `work` over the items, at most `limit` at a time, and returns what failed; one failure does not stop the others. */
export const inParallel = async <T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<unknown[]> => {
  const failures: unknown[] = [];
  let next = 0;
  const runner = async () => {
    while (next < items.length) {
      const item = items[next] as T;
      next += 1;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, runner));
  return failures;
};
