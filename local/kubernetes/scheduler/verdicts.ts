import type { Clock } from "../../clock.ts";
import type { Store } from "../api-server/store.ts";
import { setCondition } from "../conditions.ts";
import { type Condition, type PodObject, podKey } from "../objects.ts";
import type { RecordEvent } from "../record-event.ts";

/** The scheduler's name, which pods ask for unless they name another. */
export const SCHEDULER = "default-scheduler";

const GATED: Condition = {
  type: "PodScheduled",
  status: "False",
  reason: "SchedulingGated",
  message: "Scheduling is blocked due to non-empty scheduling gates",
};

/** Writes what was decided about a pod. A pod that was bound or replaced meanwhile is left alone. */
export interface Verdicts {
  bind(pod: PodObject, nodeName: string): void;
  refuse(pod: PodObject, message: string): void;
  gate(pod: PodObject): void;
}

interface VerdictOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly recordEvent: RecordEvent;
}

export const createVerdicts = ({ clock, store, recordEvent }: VerdictOptions): Verdicts => {
  const write = ({ metadata }: PodObject, condition: Condition, nodeName?: string): void => {
    store.change<PodObject>("pods", metadata.name, metadata.namespace, (current) => {
      if (current.metadata.uid !== metadata.uid || current.spec.nodeName) return false;
      if (nodeName !== undefined) current.spec.nodeName = nodeName;
      setCondition(current.status, condition, clock.now());
    });
  };

  return {
    bind: (pod, nodeName) => {
      // A reason and message of earlier refusals go with them.
      write(pod, { type: "PodScheduled", status: "True", reason: undefined, message: undefined }, nodeName);
      const message = `Successfully assigned ${podKey(pod)} to ${nodeName}`;
      recordEvent(pod, { type: "Normal", reason: "Scheduled", message, component: SCHEDULER });
    },
    refuse: (pod, message) => {
      write(pod, { type: "PodScheduled", status: "False", reason: "Unschedulable", message });
      recordEvent(pod, { type: "Warning", reason: "FailedScheduling", message, component: SCHEDULER });
    },
    gate: (pod) => write(pod, GATED),
  };
};
