/** Tells pods that no pool can run them, and why. */
import { pendingSince } from "../../demand/pending-pod.ts";
import type { DemandPlan } from "../../demand/plan.ts";
import { podName } from "../../model/kubernetes/pods.ts";
import type { ReconcilerPorts } from "../ports.ts";

/** Before that, another autoscaler may be about to serve it. */
const TELL_AFTER_MS = 60_000;
const TELL_AGAIN_MS = 10 * 60_000;
/** A Deployment of thousands that nobody can run is told by a few of its pods. */
const MOST_AT_ONCE = 10;
const MOST_REMEMBERED = 1_000;

type Unschedulable = DemandPlan["unschedulable"];

/** Says it in the log and as an event on the pod, again only after a while. What cannot be told is logged: nothing depends on it. */
export const createUnschedulableReporter = ({ kube, recordEvents, telemetry }: ReconcilerPorts) => {
  /** When it was last said, by cluster and pod; the pod that has not been spoken of for longest comes first. */
  const told = new Map<string, number>();

  const due = (cluster: string, unmatched: Unschedulable, now: number): Unschedulable =>
    unmatched
      .filter(({ pod }) => now - pendingSince(pod) >= TELL_AFTER_MS)
      .filter(({ pod }) => now - (told.get(`${cluster}/${podName(pod)}`) ?? Number.NEGATIVE_INFINITY) >= TELL_AGAIN_MS)
      .slice(0, MOST_AT_ONCE);

  const remember = (key: string, now: number) => {
    told.delete(key);
    told.set(key, now);
    if (told.size > MOST_REMEMBERED) told.delete(told.keys().next().value ?? "");
  };

  return async (cluster: string, unmatched: Unschedulable, now: number): Promise<void> => {
    const reports = due(cluster, unmatched, now).map(({ pod, reasons }) => {
      const { name, namespace = "default", uid } = pod.metadata;
      remember(`${cluster}/${podName(pod)}`, now);
      telemetry.log.info("no pool can run this pod", { cluster, pod: podName(pod), reasons });
      const message = reasons.length > 0 ? `no NodePool can run it: ${reasons.join("; ")}` : "there is no NodePool";
      const object = { apiVersion: "v1", kind: "Pod", name, namespace, ...(uid !== undefined && { uid }) };
      return { object, type: "Warning", reason: "NoNodePool", message, now } as const;
    });
    try {
      if (reports.length > 0) await recordEvents(await kube(cluster), reports);
    } catch (error) {
      telemetry.log.warn("recording events failed", { cluster, error });
    }
  };
};
