import type { Ec2 } from "../../aws/ec2.ts";
import type { InstanceHealth } from "../../model/ec2.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";

/** EC2 makes its checks once a minute; looking more often would show nothing new. */
const LOOK_EVERY_MS = 60_000;

/** Troubled instances by id, as of at most a minute before `now` (ms). Never throws. */
export type InstanceHealthCache = (now: number) => Promise<ReadonlyMap<string, InstanceHealth>>;

/**
 * One look serves every pool that the process reconciles meanwhile. When EC2 does not answer, what was seen last holds: no pool
 * fails for want of news that is mostly none.
 */
export const createInstanceHealthCache = (
  ec2: Pick<Ec2, "describeInstanceHealth">,
  { log }: Pick<Telemetry, "log">,
): InstanceHealthCache => {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let seen: ReadonlyMap<string, InstanceHealth> = new Map();
  return async (now) => {
    if (now - lookedAt < LOOK_EVERY_MS) return seen;
    lookedAt = now;
    try {
      seen = new Map((await ec2.describeInstanceHealth()).map((trouble) => [trouble.instanceId, trouble]));
    } catch (error) {
      log.warn("looking for troubled instances failed", { error });
    }
    return seen;
  };
};
