/** What demand did, said where a user looks: events on the pool, log lines, metrics. */

import { type InstanceRecord, isReclaimed } from "../../model/instance-record.ts";
import { type PoolEvent, recordPoolEvents } from "../pool-events.ts";
import type { ReconcilerPorts } from "../ports.ts";
import type { Decided } from "./record-starts.ts";
import type { CapacityShortage } from "./start.ts";

const recordEvent = async (
  ports: ReconcilerPorts,
  cluster: string,
  { name, uid }: { readonly name: string; readonly uid: string | undefined },
  now: number,
  news: PoolEvent,
) => recordPoolEvents(await ports.kube(cluster), ports, { cluster, pool: name, uid, now }, [news]);

const namesOf = (records: readonly InstanceRecord[]): string =>
  records.map(({ nodeName, instanceId }) => nodeName ?? instanceId).join(", ");

export const reportStarts = async (
  ports: ReconcilerPorts,
  cluster: string,
  decided: readonly Decided[],
  now: number,
): Promise<void> => {
  for (const { pool, start, records } of decided) {
    const [back, anew] = [records.filter(isReclaimed), records.filter((record) => !isReclaimed(record))];
    const done = [
      ...(anew.length > 0 ? [`starting ${namesOf(anew)}`] : []),
      ...(back.length > 0 ? [`taking back ${namesOf(back)}`] : []),
    ];
    ports.telemetry.recordMetric("scaleUps", records.length, { Cluster: cluster, Pool: pool.name });
    const message = `${done.join(" and ")} for ${start.podCount} ${start.podCount === 1 ? "pod" : "pods"}`;
    await recordEvent(ports, cluster, pool, now, { type: "Normal", reason: "ScaleUp", message });
  }
};

export const reportShortages = async (
  ports: ReconcilerPorts,
  cluster: string,
  shortages: readonly CapacityShortage[],
  now: number,
): Promise<void> => {
  for (const { pool, place, records, message } of shortages) {
    const { instanceType = "", zone = "" } = records[0] ?? {};
    const dimensions = { Cluster: cluster, Pool: pool.name };
    ports.telemetry.recordMetric("capacityShortages", records.length, dimensions, {
      instanceType,
      zone,
      step: "start",
    });
    const said = `could not start ${records.length} of ${place}, trying elsewhere: ${message}`;
    await recordEvent(ports, cluster, pool, now, { type: "Warning", reason: "InsufficientCapacity", message: said });
  }
};
