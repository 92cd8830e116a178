/** Terminates instances, whatever one of them has against it. */
import type { Ec2 } from "./ec2.ts";
import { isNotFound, isProtected } from "./errors.ts";
import { excludeFailingIds } from "./exclude-failing-ids.ts";

export interface TerminateOutcome {
  /** EC2 refuses these, and says why. */
  readonly refused: readonly { readonly instanceId: string; readonly message: string }[];
  /** Not known to have been terminated. */
  readonly failed: readonly string[];
  readonly errors: readonly unknown[];
}

/**
 * TerminateInstances ends none for one unknown id, and none of a zone for one protected one ("Terminate Amazon EC2 instances",
 * Amazon EC2 User Guide). So what it names is left out, and the rest is tried again. What EC2 does not know is gone already.
 */
export const terminateBatch = async (
  ec2: Pick<Ec2, "terminateInstances">,
  ids: readonly string[],
): Promise<TerminateOutcome> => {
  const spoiled = [...(await excludeFailingIds(ids, (batch) => ec2.terminateInstances(batch)))];
  const left = spoiled.filter(([, error]) => !isNotFound(error));
  const failed = left.filter(([, error]) => !isProtected(error));
  return {
    refused: left
      .filter(([, error]) => isProtected(error))
      .map(([instanceId, error]) => ({ instanceId, message: error instanceof Error ? error.message : String(error) })),
    failed: failed.map(([id]) => id),
    errors: [...new Set(failed.map(([, error]) => error))],
  };
};
