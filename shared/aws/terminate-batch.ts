/** Terminates instances, even if EC2 refuses some of them. */
import type { Ec2 } from "./ec2.ts";
import { isNotFound, isProtected } from "./errors.ts";
import { excludeFailingIds } from "./exclude-failing-ids.ts";

export interface TerminateOutcome {
  /** EC2 refuses to terminate these, with its reason. */
  readonly refused: readonly { readonly instanceId: string; readonly message: string }[];
  /** Not known to have been terminated. */
  readonly failed: readonly string[];
  readonly errors: readonly unknown[];
}

/**
 * TerminateInstances terminates nothing if one id is unknown, and nothing in a zone if one instance there is protected ("Terminate
 * Amazon EC2 instances", Amazon EC2 User Guide). So the instances named in the error are excluded and the rest retried. An instance
 * that EC2 does not know is already gone.
 */
export const terminateBatch = async (
  ec2: Pick<Ec2, "terminateInstances">,
  ids: readonly string[],
): Promise<TerminateOutcome> => {
  const failing = [...(await excludeFailingIds(ids, (batch) => ec2.terminateInstances(batch)))];
  const remaining = failing.filter(([, error]) => !isNotFound(error));
  const failed = remaining.filter(([, error]) => !isProtected(error));
  return {
    refused: remaining
      .filter(([, error]) => isProtected(error))
      .map(([instanceId, error]) => ({ instanceId, message: error instanceof Error ? error.message : String(error) })),
    failed: failed.map(([id]) => id),
    errors: [...new Set(failed.map(([, error]) => error))],
  };
};
