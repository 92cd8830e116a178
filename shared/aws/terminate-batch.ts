/** Terminates instances, whatever one of them has against it. */
import { chunks, halves, namedBy } from "./batches.ts";
import type { Ec2 } from "./ec2.ts";
import { isNotFound, isProtected } from "./errors.ts";

export interface TerminateOutcome {
  /** EC2 refuses these, and says why. */
  readonly refused: readonly { readonly instanceId: string; readonly message: string }[];
  /** Not known to have been terminated. */
  readonly failed: readonly string[];
  readonly errors: readonly unknown[];
}

/** EC2 takes as many in one call, and the bucket holds as many («Request throttling for the Amazon EC2 API»). */
const IDS_PER_CALL = 1000;
/** A call more for each protected instance; what is refused is left out for a while, so the next turn gets to the others. */
const MOST_CALLS = 24;

/** Those that an error is about: the ones it names, or the only one there is. */
const culprits = (batch: readonly string[], error: unknown): readonly string[] => {
  const named = namedBy(error);
  return batch.length === 1 ? batch : batch.filter((id) => named.has(id));
};

/**
 * TerminateInstances ends none for one unknown id, and none of a zone for one protected one ("Terminate Amazon EC2 instances",
 * Amazon EC2 User Guide). So what it names is left out, and the rest is tried again. What EC2 does not know is gone already.
 */
export const terminateBatch = async (
  ec2: Pick<Ec2, "terminateInstances">,
  ids: readonly string[],
): Promise<TerminateOutcome> => {
  const waiting = chunks(ids, IDS_PER_CALL);
  const refused: { instanceId: string; message: string }[] = [];
  const failed: string[] = [];
  const errors: unknown[] = [];
  for (let call = 0; call < MOST_CALLS; call += 1) {
    const batch = waiting.shift();
    if (!batch) break;
    try {
      await ec2.terminateInstances(batch);
    } catch (error) {
      if (!isProtected(error) && !isNotFound(error)) {
        errors.push(error);
        failed.push(...batch);
        continue;
      }
      const found = culprits(batch, error);
      const message = error instanceof Error ? error.message : String(error);
      if (isProtected(error)) refused.push(...found.map((instanceId) => ({ instanceId, message })));
      const others = batch.filter((id) => !found.includes(id));
      waiting.unshift(...(found.length > 0 ? [others] : halves(others)).filter(({ length }) => length > 0));
    }
  }
  failed.push(...waiting.flat());
  return { refused, failed, errors };
};
