import { isInstanceFault } from "../aws/batches.ts";
import { isDenied, isIncorrectState, isThrottled } from "../aws/errors.ts";
import type { InstanceStart } from "../capacity/plan-capacity.ts";
import { inParallel } from "../model/in-parallel.ts";
import type { KeyLease } from "../queue/types.ts";
import type { ReconcilerPorts } from "./ports.ts";

const CALLS_AT_ONCE = 10;

/** An instance whose type EC2 did not change. */
export interface RefusedResize<T extends InstanceStart> {
  readonly start: T;
  readonly error: unknown;
  /** Whether trying again would not help. */
  readonly isFinal: boolean;
}

/** What refuses one instance refuses others alike. */
export const describeRefusedResizes = (refused: readonly RefusedResize<InstanceStart>[]): string => {
  const records = refused.map(({ start }) => start.record);
  const names = records.map(({ nodeName, instanceId }) => nodeName ?? instanceId).join(", ");
  const types = [...new Set(records.map(({ instanceType }) => instanceType))].join(", ");
  return `EC2 did not change ${names} to ${types}, trying other instances: ${String(refused[0]?.error)}`;
};

const isFinal = (error: unknown): boolean => isDenied(error) || (isInstanceFault(error) && !isThrottled(error));

/**
 * Gives instances the type that their records say. A repeated call changes nothing; an instance that is not stopped any more has been started, and keeps
 * the type that it has. Does not throw.
 */
export const resizeInstances = async <T extends InstanceStart>(
  { ec2 }: Pick<ReconcilerPorts, "ec2">,
  lease: Pick<KeyLease, "assertHeld">,
  starts: readonly T[],
): Promise<readonly RefusedResize<T>[]> => {
  const refused: RefusedResize<T>[] = [];
  const resized = starts.filter(({ record }) => record.resizedFrom !== undefined);
  await inParallel(resized, CALLS_AT_ONCE, async (start) => {
    const { instanceId = "", instanceType } = start.record;
    try {
      lease.assertHeld();
      await ec2.changeInstanceType(instanceId, instanceType);
    } catch (error) {
      if (!isIncorrectState(error)) refused.push({ start, error, isFinal: isFinal(error) });
    }
  });
  return refused;
};
