/**
 * Deletes pods from nodes with NoExecute taints: at once if the pod does not tolerate a taint, else when its tolerationSeconds expire.
 * Source: kube-controller-manager's taint eviction controller.
 */
import type { Clock } from "../../../clock.ts";
import type { Store } from "../../api-server/store.ts";
import { createWorkQueue } from "../../loops/work-queue.ts";
import { setCondition } from "../../objects/conditions.ts";
import {
  isActive,
  type NodeObject,
  type PodObject,
  podKey,
  type Taint,
  type Toleration,
} from "../../objects/objects.ts";
import type { PodIndex } from "../../objects/pod-index.ts";
import type { RecordEvent } from "../../objects/record-event.ts";
import { tolerates } from "../../objects/tolerations.ts";

export interface TaintEvictionOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly pods: PodIndex;
  readonly recordEvent: RecordEvent;
}

/** How long the pod may stay: 0 if it does not tolerate a taint, else the shortest tolerationSeconds of the tolerations used. */
const toleratedMs = (taints: readonly Taint[], tolerations: readonly Toleration[]): number => {
  const used = taints.map((taint) => tolerations.filter((toleration) => tolerates(toleration, taint)));
  if (used.some((found) => found.length === 0)) return 0;
  const seconds = used.flat().flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
  return Math.max(0, Math.min(...seconds)) * 1000;
};

interface Eviction {
  readonly uid: string | undefined;
  readonly since: number;
  readonly cancel: () => void;
}

export const evictByTaint = ({ clock, store, pods, recordEvent }: TaintEvictionOptions): (() => void) => {
  /** Scheduled evictions by pod key. */
  const pending = new Map<string, Eviction>();

  const cancelEviction = (key: string): void => {
    pending.get(key)?.cancel();
    pending.delete(key);
  };

  const evict = ({ metadata }: PodObject): void => {
    const { name, namespace, uid } = metadata;
    const message = "Taint manager: deleting due to NoExecute taint";
    const pod = store.change<PodObject>("pods", name, namespace, (current) => {
      if (current.metadata.uid !== uid || !isActive(current)) return false;
      const reason = "DeletionByTaintManager";
      setCondition(current.status, { type: "DisruptionTarget", status: "True", reason, message }, clock.now());
    });
    if (!pod || pod.metadata.uid !== uid) return;
    const marked = `Marking for deletion Pod ${podKey(pod)}`;
    recordEvent(pod, {
      type: "Normal",
      reason: "TaintManagerEviction",
      message: marked,
      component: "taint-eviction-controller",
    });
    store.remove("pods", name, namespace);
  };

  const syncPod = (pod: PodObject, taints: readonly Taint[]): void => {
    const key = podKey(pod);
    if (taints.length === 0 || !isActive(pod)) {
      cancelEviction(key);
      return;
    }
    const stayMs = toleratedMs(taints, pod.spec.tolerations ?? []);
    const planned = pending.get(key);
    const since = planned && planned.uid === pod.metadata.uid ? planned.since : clock.now();
    cancelEviction(key);
    if (stayMs === Number.POSITIVE_INFINITY) return;
    const cancel = clock.after(since + stayMs - clock.now(), () => {
      pending.delete(key);
      evict(pod);
    });
    pending.set(key, { uid: pod.metadata.uid, since, cancel });
  };

  const queue = createWorkQueue(clock, (nodeName) => {
    const taints = store.get<NodeObject>("nodes", nodeName)?.spec.taints ?? [];
    const evicting = taints.filter(({ effect }) => effect === "NoExecute");
    for (const pod of pods.onNode(nodeName)) syncPod(pod, evicting);
  });

  const hasEvictingTaint = (nodeName: string): boolean =>
    store.get<NodeObject>("nodes", nodeName)?.spec.taints?.some(({ effect }) => effect === "NoExecute") ?? false;

  const stops = [
    store.subscribe("nodes", ({ object }) => queue.add(object.metadata.name)),
    store.subscribe("pods", ({ type, object }) => {
      const { nodeName } = (object as PodObject).spec;
      if (type === "DELETED") cancelEviction(podKey(object));
      else if (nodeName && hasEvictingTaint(nodeName)) queue.add(nodeName);
    }),
    queue.stop,
  ];
  for (const { metadata } of store.list("nodes")) queue.add(metadata.name);
  return () => {
    for (const key of [...pending.keys()]) cancelEviction(key);
    for (const stop of stops) stop();
  };
};
