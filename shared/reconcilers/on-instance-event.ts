/** What an event that names only an instance leads to. */
import { objectKey, type PoolKey } from "../model/keys.ts";
import { instanceOf } from "../queue/instance-events.ts";
import type { ReconcilerPorts } from "./ports.ts";

export interface InstanceEventPorts extends Pick<ReconcilerPorts, "wakeQueue" | "telemetry"> {
  findPool(instanceId: string): Promise<PoolKey | undefined>;
  readonly spotNotices: Pick<ReconcilerPorts["spotNotices"], "record">;
}

/**
 * Wakes the pool of the event's instance. Events of unmanaged instances, the majority in most accounts, are ignored, and those of a forwarder
 * about another cluster's instance. A notice about a spot instance is stored first, and wakes demand before the pool: what starts earlier is Ready earlier.
 */
export const onInstanceEvent = async (ports: InstanceEventPorts, event: unknown, now: number): Promise<void> => {
  const { wakeQueue, telemetry } = ports;
  const named = instanceOf(event);
  if (named === undefined) {
    telemetry.recordMetric("unreadableMessages", 1, { Function: "ec2-events" });
    return;
  }
  const { instanceId, notice } = named;
  const found = await ports.findPool(instanceId);
  const isOwn = named.cluster === undefined || named.cluster === found?.cluster;
  if (!found || !isOwn) {
    telemetry.recordMetric("unknownInstances", 1, { Function: "ec2-events" });
    return;
  }
  const { cluster, pool } = found;
  if (notice) {
    await ports.spotNotices.record(cluster, { instanceId, pool, kind: notice.kind, at: notice.at ?? now });
    await wakeQueue.enqueue("demand", [cluster]);
  }
  await wakeQueue.enqueue("pool", [objectKey(cluster, pool)]);
};
