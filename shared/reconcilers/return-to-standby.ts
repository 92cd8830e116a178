import { inParallel } from "../model/in-parallel.ts";
import { type InstanceRecord, STANDBY_RESET, type TransitionReason } from "../model/instance-record.ts";
import { UNAVAILABLE_FOR_MS } from "../model/unavailable-offerings.ts";
import type { KeyLease } from "../queue/types.ts";
import type { ReconcilerPorts } from "./ports.ts";

const WRITES_AT_ONCE = 20;

export interface ReturnedInstance {
  readonly pool: string;
  readonly record: InstanceRecord;
  readonly reason: TransitionReason;
}

/**
 * Records offerings of `cluster` as unavailable, then returns instances that could not be started to standby: in this order, so that
 * whoever reads the records does not choose them again at once. Returns what failed.
 */
export const returnToStandby = async (
  ports: Pick<ReconcilerPorts, "slots" | "unavailableOfferings">,
  cluster: string,
  lease: Pick<KeyLease, "now" | "assertHeld">,
  offeringKeys: readonly string[],
  instances: readonly ReturnedInstance[],
): Promise<unknown[]> => {
  const now = lease.now();
  const unmarked = await inParallel(offeringKeys, WRITES_AT_ONCE, async (key) => {
    lease.assertHeld();
    await ports.unavailableOfferings.markUnavailable(cluster, key, now + UNAVAILABLE_FOR_MS);
  });
  const unwritten = await inParallel(instances, WRITES_AT_ONCE, async ({ pool, record, reason }) => {
    lease.assertHeld();
    await ports.slots.write({ cluster, pool }, record, { move: { to: "standby", reason, now }, set: STANDBY_RESET });
  });
  return [...unmarked, ...unwritten];
};
