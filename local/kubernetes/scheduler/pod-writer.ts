import type { Clock } from "../../clock.ts";
import type { Store } from "../api-server/store.ts";
import { setCondition } from "../objects/conditions.ts";
import { type Condition, type PodObject, podKey } from "../objects/objects.ts";
import type { RecordEvent } from "../objects/record-event.ts";

/** The default of `spec.schedulerName`. */
export const SCHEDULER = "default-scheduler";

const GATED: Condition = {
  type: "PodScheduled",
  status: "False",
  reason: "SchedulingGated",
  message: "Scheduling is blocked due to non-empty scheduling gates",
};

/** Writes scheduling results to pods. Skips a pod that was bound or replaced in the meantime. */
export interface PodWriter {
  bind(pod: PodObject, nodeName: string): void;
  markUnschedulable(pod: PodObject, message: string): void;
  markGated(pod: PodObject): void;
}

interface PodWriterOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly recordEvent: RecordEvent;
}

export const createPodWriter = ({ clock, store, recordEvent }: PodWriterOptions): PodWriter => {
  const write = ({ metadata }: PodObject, condition: Condition, nodeName?: string): void => {
    store.change<PodObject>("pods", metadata.name, metadata.namespace, (current) => {
      if (current.metadata.uid !== metadata.uid || current.spec.nodeName) return false;
      if (nodeName !== undefined) current.spec.nodeName = nodeName;
      setCondition(current.status, condition, clock.now());
    });
  };

  return {
    bind: (pod, nodeName) => {
      // Clears the reason and message of earlier failed attempts.
      write(pod, { type: "PodScheduled", status: "True", reason: undefined, message: undefined }, nodeName);
      const message = `Successfully assigned ${podKey(pod)} to ${nodeName}`;
      recordEvent(pod, { type: "Normal", reason: "Scheduled", message, component: SCHEDULER });
    },
    markUnschedulable: (pod, message) => {
      write(pod, { type: "PodScheduled", status: "False", reason: "Unschedulable", message });
      recordEvent(pod, { type: "Warning", reason: "FailedScheduling", message, component: SCHEDULER });
    },
    markGated: (pod) => write(pod, GATED),
  };
};
