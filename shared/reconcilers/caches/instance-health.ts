import type { Ec2 } from "../../aws/ec2.ts";
import type { InstanceHealth } from "../../model/ec2.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { ttlCache } from "./ttl-cache.ts";

/** EC2 runs its status checks once a minute. */
const CHECK_EVERY_MS = 60_000;
/** The cache has one entry: the health of all instances of the account and region. */
const ALL = "all";

/** Impaired instances, and those with scheduled events, by id; at most a minute older than `now` (ms). Never throws. */
export type InstanceHealthCache = (now: number) => Promise<ReadonlyMap<string, InstanceHealth>>;

/** One call serves every pool that the process reconciles meanwhile. When EC2 does not answer, the last answer stands. */
export const createInstanceHealthCache = (
  ec2: Pick<Ec2, "describeInstanceHealth">,
  { log }: Pick<Telemetry, "log">,
): InstanceHealthCache => {
  const read = async (): Promise<ReadonlyMap<string, InstanceHealth>> =>
    new Map((await ec2.describeInstanceHealth()).map((health) => [health.instanceId, health]));
  const cached = ttlCache(CHECK_EVERY_MS, read, {
    value: new Map(),
    onFailure: (error) => log.warn("reading the health of instances failed", { error }),
  });
  return (now) => cached(ALL, now);
};
