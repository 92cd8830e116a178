/** Reports pods that no pool can run, and why. */
import { pendingSince } from "../../demand/pending-pod.ts";
import type { DemandPlan } from "../../demand/plan.ts";
import { podName } from "../../model/kubernetes/pods.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { tryRecordEvents } from "../record-events.ts";

/** Until then, another autoscaler may be about to serve the pod. */
const REPORT_AFTER_MS = 60_000;
const REPORT_AGAIN_MS = 10 * 60_000;
/** A few pods are enough to report a Deployment of thousands. */
const MAX_REPORTS_AT_ONCE = 10;
const MAX_REMEMBERED = 1_000;

type Unschedulable = DemandPlan["unschedulable"];

/** Logs the pod and emits an event on it, again only after REPORT_AGAIN_MS. A failure to emit is only logged: nothing depends on the event. */
export const createUnschedulableReporter = ({ kube, recordEvents, telemetry }: ReconcilerPorts) => {
  /** When each pod was last reported, by cluster and pod, oldest first. */
  const reportedAt = new Map<string, number>();

  const due = (cluster: string, unschedulable: Unschedulable, now: number): Unschedulable =>
    unschedulable
      .filter(({ pod }) => now - pendingSince(pod) >= REPORT_AFTER_MS)
      .filter(({ pod }) => {
        const last = reportedAt.get(`${cluster}/${podName(pod)}`);
        return last === undefined || now - last >= REPORT_AGAIN_MS;
      })
      .slice(0, MAX_REPORTS_AT_ONCE);

  const remember = (key: string, now: number) => {
    reportedAt.delete(key);
    reportedAt.set(key, now);
    if (reportedAt.size > MAX_REMEMBERED) reportedAt.delete(reportedAt.keys().next().value ?? "");
  };

  return async (cluster: string, unschedulable: Unschedulable, now: number): Promise<void> => {
    const reports = due(cluster, unschedulable, now).map(({ pod, reasons }) => {
      const { name, namespace = "default", uid } = pod.metadata;
      remember(`${cluster}/${podName(pod)}`, now);
      telemetry.log.info("no pool can run this pod", { cluster, pod: podName(pod), reasons });
      const message =
        reasons.length > 0 ? `no NodePool can run this pod: ${reasons.join("; ")}` : "there is no NodePool";
      const object = { apiVersion: "v1", kind: "Pod", name, namespace, ...(uid !== undefined && { uid }) };
      return { object, type: "Warning", reason: "NoNodePool", message, now } as const;
    });
    await tryRecordEvents(await kube(cluster), { recordEvents, telemetry }, reports, { cluster });
  };
};
