/** The pods that a kubelet runs: admits those bound to its node, ends deleted ones, and refuses new ones once the machine shuts down. */
import type { Store } from "../api-server/store.ts";
import { isFinished, type PodObject } from "../objects/objects.ts";
import type { PodIndex } from "../objects/pod-index.ts";
import { accessPod } from "./pod-object.ts";
import { setRejected } from "./pod-status.ts";
import type { PodTurns } from "./pod-turns.ts";
import type { PodWorker } from "./pod-worker.ts";
import type { Timers } from "./timers.ts";

/** How long a freshly started kubelet needs to find that a pod's containers are gone. */
const CLEANUP_MS = 200;

export interface NodePodsOptions {
  readonly nodeName: string;
  readonly store: Store;
  readonly pods: PodIndex;
  readonly timers: Timers;
  readonly turns: PodTurns;
  createWorker(pod: PodObject): PodWorker;
}

export interface NodePods {
  onPod(pod: PodObject, isDeleted: boolean): void;
  /**
   * The node has no network yet: starts the pods that need none but the host's (kubernetes, pkg/kubelet/kubelet.go, SyncPod, networkErrors).
   */
  startHostNetwork(): void;
  /** The node is Ready: starts the pods that are bound to it. */
  startAll(): void;
  /** The machine shuts down: pods that are bound from now on are rejected. */
  rejectNew(): void;
  workers(): readonly PodWorker[];
  stop(): void;
}

export const createNodePods = ({ nodeName, store, pods, timers, turns, createWorker }: NodePodsOptions): NodePods => {
  const workers = new Map<string, PodWorker>();
  let state: "booting" | "hostNetwork" | "ready" | "shuttingDown" | "stopped" = "booting";

  const start = (pod: PodObject): void => {
    const worker = createWorker(pod);
    // Registered before it starts, because its status writes come back to `onPod`.
    workers.set(pod.metadata.uid ?? "", worker);
    worker.start();
  };

  const reject = (pod: PodObject): void => accessPod(store, pod).writeStatus(setRejected);

  /** Removes a pod whose deletion was interrupted by a power-off. It has no containers left to stop. */
  const finishDeletion = (pod: PodObject): void =>
    void timers.after(CLEANUP_MS, () => {
      if (state !== "stopped") accessPod(store, pod).remove();
    });

  const lookAgain = ({ metadata: { name, namespace, uid } }: PodObject): void => {
    const current = store.get<PodObject>("pods", name, namespace);
    if (current && current.metadata.uid === uid) onPod(current, false);
  };

  const admit = (pod: PodObject): void => {
    if (state === "shuttingDown") reject(pod);
    if (state !== "ready" && !(state === "hostNetwork" && pod.spec.hostNetwork)) return;
    if (turns.isDue(pod)) start(pod);
    else turns.await(pod, () => lookAgain(pod));
  };

  const onPod = (pod: PodObject, isDeleted: boolean): void => {
    const uid = pod.metadata.uid ?? "";
    const known = workers.get(uid);
    if (state === "stopped") return;
    if (isDeleted) {
      known?.discard();
      workers.delete(uid);
    } else if (pod.metadata.deletionTimestamp) {
      if (known) known.stop(pod);
      else finishDeletion(pod);
    } else if (!known && !isFinished(pod)) admit(pod);
  };

  const startAs = (next: "hostNetwork" | "ready"): void => {
    if (state === "booting") turns.begin();
    state = next;
    for (const pod of pods.onNode(nodeName)) onPod(pod, false);
  };

  for (const pod of pods.onNode(nodeName)) if (pod.metadata.deletionTimestamp) finishDeletion(pod);
  return {
    onPod,
    startHostNetwork: () => startAs("hostNetwork"),
    startAll: () => startAs("ready"),
    rejectNew: () => {
      state = "shuttingDown";
    },
    workers: () => [...workers.values()],
    stop: () => {
      state = "stopped";
      for (const worker of workers.values()) worker.discard();
    },
  };
};
