/** Reports to pods that nodes are started for them. */
import { type InstanceRecord, isReclaimed } from "../../model/instance-record.ts";
import type { KubePod } from "../../model/kubernetes/objects.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { tryRecordEvents } from "../record-events.ts";
import { MAX_REPORTS_AT_ONCE, podReference } from "./pod-report-limit.ts";
import type { RecordedStart } from "./record-starts.ts";

/** The started records with their pods. The write has replaced the plan's records, and may have left some out. */
const podsByRecord = ({ start, records }: RecordedStart) => {
  const podsOf = new Map(start.records.map(({ instanceId }, index) => [instanceId, start.pods[index] ?? []]));
  return records.map((record) => ({ record, pods: podsOf.get(record.instanceId) ?? [] }));
};

const messageFor = (record: InstanceRecord, pods: readonly KubePod[]): string => {
  const node = record.nodeName ?? record.instanceId;
  const served = `${pods.length} ${pods.length === 1 ? "pod" : "pods"}`;
  return isReclaimed(record)
    ? `node ${node} serves ${served} instead of being stopped`
    : `node ${node} is starting for ${served}`;
};

/** An event on each pod, of a crowd on a few: once, because a start is recorded once. A failure to emit is only logged. */
export const reportNodeStarting = async (
  ports: ReconcilerPorts,
  cluster: string,
  started: readonly RecordedStart[],
  now: number,
): Promise<void> => {
  const reports = started
    .flatMap(podsByRecord)
    .flatMap(({ record, pods }) => pods.map((pod) => ({ pod, message: messageFor(record, pods) })))
    .slice(0, MAX_REPORTS_AT_ONCE)
    .map(
      ({ pod, message }) =>
        ({ object: podReference(pod), type: "Normal", reason: "NodeStarting", message, now }) as const,
    );
  if (reports.length > 0) await tryRecordEvents(await ports.kube(cluster), ports, reports, { cluster });
};
