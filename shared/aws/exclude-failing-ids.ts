import { chunks, halves, instanceIdsIn, isInstanceFault } from "./batches.ts";
import { isCapacityError } from "./errors.ts";

/** EC2's maximum number of ids per call. */
const IDS_PER_CALL = 1000;
/** Each failing instance costs one more call; ids left over are handled in the next reconcile. */
const MAX_CALLS = 24;

const NOT_CALLED = new Error(`not called: other instances made ${MAX_CALLS} earlier calls fail`);

/** The instances at fault: those that the error names, or the only one in the batch. */
const culprits = (batch: readonly string[], error: unknown): readonly string[] => {
  const named = instanceIdsIn(error);
  return batch.length === 1 ? batch : batch.filter((id) => named.has(id));
};

/**
 * Calls EC2 with all ids, then again without the ones that make the call fail. Returns the ids for which no call succeeded, each
 * with its error. The call must be idempotent. Never throws.
 */
export const excludeFailingIds = async (
  ids: readonly string[],
  call: (ids: readonly string[]) => Promise<void>,
): Promise<ReadonlyMap<string, unknown>> => {
  const pending = chunks(ids, IDS_PER_CALL);
  const failed = new Map<string, unknown>();
  for (let count = 0; count < MAX_CALLS; count += 1) {
    const batch = pending.shift();
    if (!batch) break;
    try {
      await call(batch);
    } catch (error) {
      const excluded = isInstanceFault(error) && !isCapacityError(error) ? culprits(batch, error) : batch;
      for (const id of excluded) failed.set(id, error);
      const others = batch.filter((id) => !excluded.includes(id));
      pending.unshift(...(excluded.length > 0 ? [others] : halves(others)).filter(({ length }) => length > 0));
    }
  }
  for (const id of pending.flat()) failed.set(id, NOT_CALLED);
  return failed;
};
