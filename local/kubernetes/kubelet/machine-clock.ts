import type { Clock } from "../../clock.ts";

/**
 * From the kubelet's start until chrony has corrected the machine's clock. chrony steps it at one of its first three measurements (`makestep 1.0
 * 3`, as in chrony's packaged configuration); how long these take after a boot is a belief.
 */
const CORRECTED_MS = 30_000;

/** The clock from which the kubelet takes the times that it writes: off by `skewMs` until it is corrected. */
export const createMachineClock = (clock: Pick<Clock, "now">, skewMs: () => number): Pick<Clock, "now"> => {
  const correctedAt = clock.now() + CORRECTED_MS;
  return { now: () => clock.now() + (clock.now() < correctedAt ? skewMs() : 0) };
};
