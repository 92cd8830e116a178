/** The stages of a pod's lifecycle as the kubelet reports them. Each function changes the pod's status in place. */
import { timestamp } from "../api-server/create-store.ts";
import { setCondition } from "../objects/conditions.ts";
import type { Container, PodObject } from "../objects/objects.ts";

const SIGTERM_EXIT = 143;

export interface PodAddresses {
  readonly hostIP: string;
  readonly podIP: string;
}

const setConditions = (
  pod: PodObject,
  statuses: Readonly<Record<string, boolean>>,
  now: number,
  reason?: string,
): void => {
  for (const [type, isTrue] of Object.entries(statuses)) {
    const explained = isTrue || !reason ? { reason: undefined } : { reason };
    setCondition(pod.status, { type, status: isTrue ? "True" : "False", ...explained }, now);
  }
};

const restartsOf = ({ status }: PodObject, name: string): number =>
  status.containerStatuses?.find((container) => container.name === name)?.restartCount ?? 0;

const setContainers = (pod: PodObject, state: object, ready: boolean, more = 0): void => {
  const report = ({ name, image = "" }: Container) => ({
    name,
    image,
    imageID: ready ? image : "",
    ready,
    started: ready,
    restartCount: restartsOf(pod, name) + more,
    state,
  });
  pod.status.containerStatuses = pod.spec.containers.map(report);
};

/** The kubelet accepted the pod. `isRestart`: its containers ran before and were lost at power-off. */
export const setCreating = (pod: PodObject, { hostIP }: PodAddresses, now: number, isRestart: boolean): void => {
  pod.status.phase = isRestart ? "Running" : "Pending";
  Object.assign(pod.status, { startTime: pod.status.startTime ?? timestamp(now), hostIP, hostIPs: [{ ip: hostIP }] });
  const unready = { PodReadyToStartContainers: false, ContainersReady: false, Ready: false };
  setConditions(pod, { Initialized: !pod.spec.initContainers?.length, ...unready }, now, "ContainersNotReady");
  setContainers(pod, { waiting: { reason: "ContainerCreating" } }, false, isRestart ? 1 : 0);
};

export const setWaiting = (pod: PodObject, reason: string, message: string): void =>
  setContainers(pod, { waiting: { reason, message } }, false);

export const setRunning = (pod: PodObject, { podIP }: PodAddresses, now: number, isReady: boolean): void => {
  pod.status.phase = "Running";
  Object.assign(pod.status, { podIP, podIPs: [{ ip: podIP }] });
  const readiness = { ContainersReady: isReady, Ready: isReady };
  setConditions(pod, { PodReadyToStartContainers: true, Initialized: true, ...readiness }, now, "ContainersNotReady");
  setContainers(pod, { running: { startedAt: timestamp(now) } }, true);
};

/** The kubelet ended the pod because the machine shuts down: pkg/kubelet/nodeshutdown, nodeshutdown_manager.go. */
export const setShutDown = (pod: PodObject, now: number): void => {
  setTerminated(pod, SIGTERM_EXIT, now);
  const message = "Pod was terminated in response to imminent node shutdown.";
  Object.assign(pod.status, { reason: "Terminated", message });
  const condition = { type: "DisruptionTarget", status: "True", reason: "TerminationByKubelet", message };
  setCondition(pod.status, condition, now);
};

/** The kubelet does not admit the pod because the machine shuts down. */
export const setRejected = (pod: PodObject): void => {
  const message = "Pod was rejected as the node is shutting down.";
  Object.assign(pod.status, { phase: "Failed", reason: "NodeShutdown", message });
};

export const setTerminated = (pod: PodObject, exitCode: number, now: number, reason?: string): void => {
  pod.status.phase = exitCode === 0 ? "Succeeded" : "Failed";
  setConditions(pod, { ContainersReady: false, Ready: false }, now, "PodCompleted");
  const ended = { exitCode, reason: reason ?? (exitCode === 0 ? "Completed" : "Error"), finishedAt: timestamp(now) };
  setContainers(pod, { terminated: ended }, false);
};
