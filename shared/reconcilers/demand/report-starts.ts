/** Reports what demand did where users look: as events on the pool, log lines and metrics. */

import type { PlannedStart } from "../../demand/plan.ts";
import { type InstanceRecord, isReclaimed } from "../../model/instance-record.ts";
import { podName } from "../../model/kubernetes/pods.ts";
import { offeringKey } from "../../model/unavailable-offerings.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { type PoolEvent, recordPoolEvents } from "../record-events.ts";
import { describeRefusedResizes, type RefusedResize } from "../resize-instances.ts";
import type { CapacityShortage } from "../start-instances.ts";
import type { RecordedStart } from "./record-starts.ts";
import type { PlannedInstance } from "./start.ts";

const recordEvents = async (
  ports: ReconcilerPorts,
  cluster: string,
  { name, uid }: { readonly name: string; readonly uid: string | undefined },
  now: number,
  events: readonly PoolEvent[],
) => recordPoolEvents(await ports.kube(cluster), ports, { cluster, pool: name, uid, now }, events);

/** An instance that was changed to another type is told of as well. */
const resizesOf = (records: readonly InstanceRecord[]): readonly PoolEvent[] => {
  const resized = records.filter(({ resizedFrom }) => resizedFrom !== undefined);
  const alike = Map.groupBy(
    resized,
    ({ resizedFrom = "", zone, instanceType }) => `${resizedFrom} ${zone} ${instanceType}`,
  );
  return [...alike.values()].flatMap((own): PoolEvent[] => {
    const [{ resizedFrom = "", instanceType = "", zone = "" } = {}] = own;
    const from = offeringKey({ instanceType: resizedFrom, zone });
    const message = `changed ${namesOf(own)} to ${instanceType}: EC2 has no capacity for ${from}`;
    return [{ type: "Normal", reason: "NodeResized", message }];
  });
};

const namesOf = (records: readonly InstanceRecord[]): string =>
  records.map(({ nodeName, instanceId }) => nodeName ?? instanceId).join(", ");

/** `done`: what was done, such as "starting node-1". */
const eventOf = ({ reason, pods, podCount }: PlannedStart, done: string): PoolEvent => {
  if (reason === "PodBound") {
    const [first, ...others] = pods.flat().map(podName);
    const more = others.length > 0 ? ` and ${others.length} more` : "";
    const message = `${done}: ${first}${more} was bound there while it was standby`;
    return { type: "Warning", reason: "PodOnStandby", message };
  }
  return { type: "Normal", reason: "ScaleUp", message: `${done} for ${podCount} ${podCount === 1 ? "pod" : "pods"}` };
};

export const reportStarts = async (
  ports: ReconcilerPorts,
  cluster: string,
  started: readonly RecordedStart[],
  now: number,
): Promise<void> => {
  for (const { pool, start, records } of started) {
    const reclaimed = records.filter(isReclaimed);
    const others = records.filter((record) => !isReclaimed(record));
    const done = [
      ...(others.length > 0 ? [`starting ${namesOf(others)}`] : []),
      ...(reclaimed.length > 0 ? [`reclaiming ${namesOf(reclaimed)}`] : []),
    ];
    ports.telemetry.recordMetric("scaleUps", records.length, { Cluster: cluster, Pool: pool.name });
    await recordEvents(ports, cluster, pool, now, [...resizesOf(others), eventOf(start, done.join(" and "))]);
  }
};

/** One report for each offering and pool. */
export const reportShortages = async (
  ports: ReconcilerPorts,
  cluster: string,
  shortages: readonly CapacityShortage<PlannedInstance>[],
  now: number,
): Promise<void> => {
  for (const { offering, starts, error } of shortages) {
    for (const [pool, own] of Map.groupBy(starts, ({ demandPool }) => demandPool)) {
      const { instanceType = "", zone = "" } = own[0]?.record ?? {};
      const dimensions = { Cluster: cluster, Pool: pool.name };
      ports.telemetry.recordMetric("capacityShortages", own.length, dimensions, { instanceType, zone, step: "start" });
      const message = `no capacity to start ${own.length} ${offering}, trying other offerings: ${error}`;
      await recordEvents(ports, cluster, pool, now, [{ type: "Warning", reason: "InsufficientCapacity", message }]);
    }
  }
};

/** One event for each pool. */
export const reportRefusedResizes = async (
  ports: ReconcilerPorts,
  cluster: string,
  refused: readonly RefusedResize<PlannedInstance>[],
  now: number,
): Promise<void> => {
  for (const [pool, own] of Map.groupBy(refused, ({ start }) => start.demandPool)) {
    const message = describeRefusedResizes(own);
    await recordEvents(ports, cluster, pool, now, [{ type: "Warning", reason: "ResizeRefused", message }]);
  }
};
