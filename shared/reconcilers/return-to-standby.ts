import type { ReturnedStart, Unavailability } from "../capacity/plan-capacity.ts";
import { inParallel } from "../model/in-parallel.ts";
import type { KeyLease } from "../queue/types.ts";
import type { ReconcilerPorts } from "./ports.ts";

const WRITES_AT_ONCE = 20;

/**
 * Records offerings of `cluster` as unavailable, then returns instances that could not be started to standby: in this order, so that
 * whoever reads the records does not choose them again at once. Returns what failed.
 */
export const returnToStandby = async (
  ports: Pick<ReconcilerPorts, "slots" | "unavailableOfferings">,
  cluster: string,
  lease: Pick<KeyLease, "now" | "assertHeld">,
  unavailable: readonly Unavailability[],
  instances: readonly ReturnedStart[],
): Promise<unknown[]> => {
  const now = lease.now();
  const unmarked = await inParallel(unavailable, WRITES_AT_ONCE, async ({ key, until }) => {
    lease.assertHeld();
    await ports.unavailableOfferings.markUnavailable(cluster, key, until);
  });
  const unwritten = await inParallel(instances, WRITES_AT_ONCE, async ({ pool, record, reason, set }) => {
    lease.assertHeld();
    await ports.slots.write({ cluster, pool }, record, { move: { to: "standby", reason, now }, set });
  });
  return [...unmarked, ...unwritten];
};
