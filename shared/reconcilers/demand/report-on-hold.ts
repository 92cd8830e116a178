/** Reports pods that are bound to a node that a person keeps from being started. */
import type { DemandPool } from "../../demand/view.ts";
import { podName } from "../../model/kubernetes/pods.ts";
import { ANNOTATION } from "../../model/names.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { tryRecordEvents } from "../record-events.ts";
import { createPodReportLimit, podReference } from "./pod-report-limit.ts";

/** Logs the pods and emits an event on each. A failure to emit is only logged: nothing depends on the event. */
export const createOnHoldReporter = ({ kube, recordEvents, telemetry }: ReconcilerPorts) => {
  const due = createPodReportLimit();
  return async (cluster: string, pools: readonly DemandPool[], now: number): Promise<void> => {
    const waiting = pools.flatMap(({ onHold }) =>
      onHold.flatMap(({ record, pods }) => pods.map((pod) => ({ pod, node: record.nodeName ?? "" }))),
    );
    const reports = due(cluster, waiting, now).map(({ pod, node }) => {
      telemetry.log.info("a pod is bound to a node on hold", { cluster, pod: podName(pod), node });
      const message = `${node} is stopped and on hold: it is started once its annotation ${ANNOTATION.hold} is removed`;
      return { object: podReference(pod), type: "Warning", reason: "NodeOnHold", message, now } as const;
    });
    if (reports.length > 0)
      await tryRecordEvents(await kube(cluster), { recordEvents, telemetry }, reports, { cluster });
  };
};
