/** Reports pods that no pool can run, and why. */
import { pendingSince } from "../../demand/pending-pod.ts";
import type { DemandPlan } from "../../demand/plan.ts";
import { podName } from "../../model/kubernetes/pods.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { tryRecordEvents } from "../record-events.ts";
import { createPodReportLimit, podReference, REPORT_AFTER_MS } from "./pod-report-limit.ts";

type Unschedulable = DemandPlan["unschedulable"];

/** Logs the pod and emits an event on it. A failure to emit is only logged: nothing depends on the event. */
export const createUnschedulableReporter = ({ kube, recordEvents, telemetry }: ReconcilerPorts) => {
  const due = createPodReportLimit();
  return async (cluster: string, unschedulable: Unschedulable, now: number): Promise<void> => {
    const waiting = unschedulable.filter(({ pod }) => now - pendingSince(pod) >= REPORT_AFTER_MS);
    const reports = due(cluster, waiting, now).map(({ pod, reasons }) => {
      telemetry.log.info("no pool can run this pod", { cluster, pod: podName(pod), reasons });
      const message =
        reasons.length > 0 ? `no NodePool can run this pod: ${reasons.join("; ")}` : "there is no NodePool";
      return { object: podReference(pod), type: "Warning", reason: "NoNodePool", message, now } as const;
    });
    await tryRecordEvents(await kube(cluster), { recordEvents, telemetry }, reports, { cluster });
  };
};
