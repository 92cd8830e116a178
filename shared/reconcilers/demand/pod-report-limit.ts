/** Which pods are reported now: a few at a time, and each again only after a while. */
import type { KubePod } from "../../model/kubernetes/objects.ts";
import { podName } from "../../model/kubernetes/pods.ts";

/** How long a pod waits before it is told why: until then, another autoscaler may be about to serve it. */
export const REPORT_AFTER_MS = 60_000;
const REPORT_AGAIN_MS = 10 * 60_000;
/** A few pods are enough to report a Deployment of thousands. */
export const MAX_REPORTS_AT_ONCE = 10;
const MAX_REMEMBERED = 1_000;

interface PodReport {
  readonly pod: KubePod;
}

/** Remembers what it returns as reported; for one kind of report. */
export const createPodReportLimit = () => {
  /** When each pod was last reported, by cluster and pod, oldest first. */
  const reportedAt = new Map<string, number>();

  const remember = (key: string, now: number) => {
    reportedAt.delete(key);
    reportedAt.set(key, now);
    if (reportedAt.size > MAX_REMEMBERED) reportedAt.delete(reportedAt.keys().next().value ?? "");
  };

  return <R extends PodReport>(cluster: string, reports: readonly R[], now: number): readonly R[] => {
    const due = reports
      .filter(({ pod }) => {
        const last = reportedAt.get(`${cluster}/${podName(pod)}`);
        return last === undefined || now - last >= REPORT_AGAIN_MS;
      })
      .slice(0, MAX_REPORTS_AT_ONCE);
    for (const { pod } of due) remember(`${cluster}/${podName(pod)}`, now);
    return due;
  };
};

/** The pod as the object of an event. */
export const podReference = ({ metadata: { name, namespace = "default", uid } }: KubePod) => ({
  apiVersion: "v1",
  kind: "Pod",
  name,
  namespace,
  ...(uid !== undefined && { uid }),
});
