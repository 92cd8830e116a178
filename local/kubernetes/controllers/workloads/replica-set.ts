import type { KubeObject } from "../../api-server/store.ts";
import { isActive, isReady, type LabelSelector, type PodObject, type PodTemplate } from "../../objects/objects.ts";
import { createPod } from "./create-pod.ts";
import { startWorkloadController, type WorkloadOptions, writeStatus } from "./workload.ts";

export interface ReplicaSet extends KubeObject {
  spec: { replicas: number; selector: LabelSelector; template: PodTemplate };
  status?: { replicas?: number; readyReplicas?: number; availableReplicas?: number };
}

/** Deletion order: pods without a node first, then pods not running, not ready, and the youngest (controller.ActivePods). */
const deletionRank = (pod: PodObject): string =>
  [
    pod.spec.nodeName ? 1 : 0,
    pod.status.phase === "Running" ? 1 : 0,
    isReady(pod) ? 1 : 0,
    // The latest timestamp sorts first, so each digit is subtracted from 9.
    (pod.metadata.creationTimestamp ?? "").replace(/\d/g, (digit) => String(9 - Number(digit))),
  ].join(" ");

const byDeletionRank = (one: PodObject, other: PodObject): number => {
  const [first, second] = [deletionRank(one), deletionRank(other)];
  return first < second ? -1 : first > second ? 1 : 0;
};

/** The ReplicaSet controller: keeps the desired number of pods for each ReplicaSet. */
export const startReplicaSets = (options: WorkloadOptions): (() => void) => {
  const { store, pods, recordEvent } = options;
  const COMPONENT = "replicaset-controller";

  const reconcile = (set: ReplicaSet): void => {
    const active = pods.ownedBy(set.metadata.uid ?? "").filter(isActive);
    const surplus = active.length - set.spec.replicas;
    for (let missing = -surplus; missing > 0; missing -= 1) createPod(store, set, set.spec.template);
    for (const { metadata } of active.toSorted(byDeletionRank).slice(0, Math.max(0, surplus))) {
      const message = `Deleted pod: ${metadata.name}`;
      recordEvent(set, { type: "Normal", reason: "SuccessfulDelete", message, component: COMPONENT });
      store.remove("pods", metadata.name, metadata.namespace);
    }
    const current = pods.ownedBy(set.metadata.uid ?? "").filter(isActive);
    const ready = current.filter(isReady).length;
    writeStatus(store, "replicasets.apps", set, {
      replicas: current.length,
      fullyLabeledReplicas: current.length,
      readyReplicas: ready,
      availableReplicas: ready,
      observedGeneration: set.metadata.generation,
    });
  };

  const watched = { resource: "replicasets.apps", kind: "ReplicaSet", owned: "pods" };
  return startWorkloadController<ReplicaSet>(options, watched, reconcile).stop;
};
