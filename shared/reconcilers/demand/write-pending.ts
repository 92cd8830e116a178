import type { DemandPlan } from "../../demand/plan.ts";
import { paths } from "../../kube/paths.ts";
import type { NodePool } from "../../model/api/types.ts";
import { inParallel } from "../../model/in-parallel.ts";
import { objectKey } from "../../model/keys.ts";
import type { KeyLease } from "../../queue/types.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { statusPatch } from "../status-patch.ts";

const WRITES_AT_ONCE = 10;

/**
 * Writes to the pools' status how many pods wait for them, where that has changed, and wakes these pools. A failure is only logged: the next
 * reconcile compares again.
 */
export const writePending = async (
  ports: Pick<ReconcilerPorts, "kube" | "telemetry" | "wakeQueue">,
  lease: KeyLease,
  pools: readonly NodePool[],
  pending: DemandPlan["pending"],
): Promise<void> => {
  const cluster = lease.key;
  const counts = new Map(pending.map((pods) => [pods.pool, pods]));
  const changes = pools.flatMap(({ metadata: { name }, status }) => {
    const { podCount = 0, unservedCount = 0 } = counts.get(name) ?? {};
    const before = { pendingPods: status?.pendingPods ?? 0, unservedPods: status?.unservedPods ?? 0 };
    const changed = statusPatch(before, { pendingPods: podCount, unservedPods: unservedCount });
    return Object.keys(changed).length > 0 ? [{ name, changed }] : [];
  });
  if (changes.length === 0) return;
  const kube = await ports.kube(cluster);
  const failures = await inParallel(changes, WRITES_AT_ONCE, async ({ name, changed }) => {
    lease.assertHeld();
    await kube.patch(paths.nodePoolStatus(name), "merge", { status: changed });
  });
  for (const error of failures)
    ports.telemetry.log.warn("writing the number of pending pods failed", { cluster, error });
  await ports.wakeQueue.enqueue(
    "pool",
    changes.map(({ name }) => objectKey(cluster, name)),
  );
};
