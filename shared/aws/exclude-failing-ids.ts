import { chunks, halves, isAboutAnInstance, namedBy } from "./batches.ts";
import { isCapacityError } from "./errors.ts";

/** EC2 takes as many ids in one call. */
const IDS_PER_CALL = 1000;
/** A call more for each instance that spoils a batch; who is left over is looked at anew in the next turn. */
const MOST_CALLS = 24;

const NOT_CALLED = new Error(`not called: others spoiled ${MOST_CALLS} calls before`);

/** Those that an error is about: the ones it names, or the only one there is. */
const culprits = (batch: readonly string[], error: unknown): readonly string[] => {
  const named = namedBy(error);
  return batch.length === 1 ? batch : batch.filter((id) => named.has(id));
};

/**
 * Calls EC2 for all ids, and again without those that spoil it. Returns the ids for which no call went through, each with what
 * stood against it. The call must do no harm when it is repeated. Never throws.
 */
export const excludeFailingIds = async (
  ids: readonly string[],
  call: (ids: readonly string[]) => Promise<void>,
): Promise<ReadonlyMap<string, unknown>> => {
  const waiting = chunks(ids, IDS_PER_CALL);
  const failed = new Map<string, unknown>();
  for (let count = 0; count < MOST_CALLS; count += 1) {
    const batch = waiting.shift();
    if (!batch) break;
    try {
      await call(batch);
    } catch (error) {
      const found = isAboutAnInstance(error) && !isCapacityError(error) ? culprits(batch, error) : batch;
      for (const id of found) failed.set(id, error);
      const others = batch.filter((id) => !found.includes(id));
      waiting.unshift(...(found.length > 0 ? [others] : halves(others)).filter(({ length }) => length > 0));
    }
  }
  for (const id of waiting.flat()) failed.set(id, NOT_CALLED);
  return failed;
};
