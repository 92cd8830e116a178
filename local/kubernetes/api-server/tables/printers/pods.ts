import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { ageOf } from "../age.ts";
import type { Printer } from "../table.ts";
import { columns } from "./columns.ts";

/** Pods, as printPod of k8s.io/kubernetes pkg/printers/internalversion shows them. */
export const pods: Printer = {
  columns: columns("Name, Ready, Status, Restarts, Age | IP, Node, Nominated Node, Readiness Gates"),
  cells: (object, now) => {
    const pod = object as unknown as V1Pod;
    const statuses = pod.status?.containerStatuses ?? [];
    const ready = statuses.filter((container) => container.ready && container.state?.running).length;
    const restarts = statuses.reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0);
    return [
      object.metadata.name,
      `${ready}/${pod.spec?.containers?.length ?? 0}`,
      phaseOf(pod, statuses),
      String(restarts),
      ageOf(object.metadata.creationTimestamp, now),
      pod.status?.podIP || "<none>",
      pod.spec?.nodeName || "<none>",
      pod.status?.nominatedNodeName || "<none>",
      "<none>",
    ];
  },
};

/** The pod's phase, or something more specific: why a container is waiting or terminated, or that the pod is being deleted. */
const phaseOf = (pod: V1Pod, statuses: readonly V1ContainerStatus[]): string => {
  if (pod.metadata?.deletionTimestamp) return pod.status?.reason === "NodeLost" ? "Unknown" : "Terminating";
  if (pod.spec?.schedulingGates?.length && !pod.spec.nodeName) return "SchedulingGated";
  for (const { state } of statuses) {
    if (state?.waiting?.reason) return state.waiting.reason;
    if (state?.terminated) return state.terminated.reason || `ExitCode:${state.terminated.exitCode}`;
  }
  return pod.status?.reason || pod.status?.phase || "Unknown";
};
