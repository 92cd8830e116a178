import type { KubeObject } from "../../api-server/store.ts";
import {
  isActive,
  isFinished,
  isReady,
  type NodeObject,
  type PodObject,
  type PodTemplate,
} from "../../objects/objects.ts";
import { createPod } from "./create-pod.ts";
import { nodeShouldRunPod, pinToNode, targetNode } from "./daemon-pod.ts";
import { createFailedPodsBackoff } from "./failed-pods-backoff.ts";
import { scaledValue } from "./scaled-value.ts";
import { templateHash } from "./template-hash.ts";
import { startWorkloadController, type WorkloadOptions, writeStatus } from "./workload.ts";

interface DaemonSet extends KubeObject {
  spec: {
    template: PodTemplate;
    updateStrategy?: { type?: string; rollingUpdate?: { maxUnavailable?: number | string } };
  };
}

const HASH_LABEL = "controller-revision-hash";

/**
 * The DaemonSet controller: keeps one pod on each eligible node. This includes the nodes of stopped instances, whose pods count
 * as unavailable.
 */
export const startDaemonSets = (options: WorkloadOptions): (() => void) => {
  const { store, pods } = options;

  const podsByNode = ({ metadata }: DaemonSet): Map<string, PodObject[]> => {
    const found = new Map<string, PodObject[]>();
    for (const pod of pods.ownedBy(metadata.uid ?? "")) {
      const name = targetNode(pod);
      if (name !== undefined) found.set(name, [...(found.get(name) ?? []), pod]);
    }
    return found;
  };

  const backoff = createFailedPodsBackoff(options.clock);

  const remove = ({ metadata }: PodObject): void => store.remove("pods", metadata.name, metadata.namespace);

  const syncNode = (set: DaemonSet, node: NodeObject, podsOnNode: readonly PodObject[], hash: string): void => {
    const { shouldRun, shouldContinueRunning } = nodeShouldRunPod(set.spec.template.spec, node);
    const present = podsOnNode.filter(({ metadata }) => !metadata.deletionTimestamp);
    for (const pod of present) {
      const waitMs = isFinished(pod) ? backoff.waitMs(pod) : 0;
      if (waitMs > 0) controller.enqueueAfter(set, waitMs);
      else if (isFinished(pod) || !shouldContinueRunning) remove(pod);
    }
    const active = present.filter(isActive);
    if (shouldContinueRunning) for (const pod of active.slice(1)) remove(pod);
    // A replacement waits until a terminating pod is gone.
    if (!shouldRun || podsOnNode.length > 0) return;
    createPod(store, set, set.spec.template, {
      labels: { [HASH_LABEL]: hash },
      spec: pinToNode(set.spec.template.spec, node.metadata.name),
    });
  };

  /** Replaces outdated pods, at most `maxUnavailable` at a time. */
  const update = (set: DaemonSet, hash: string, desired: number): void => {
    if (set.spec.updateStrategy?.type === "OnDelete") return;
    const active = pods.ownedBy(set.metadata.uid ?? "").filter(isActive);
    const outdated = active.filter(({ metadata }) => metadata.labels?.[HASH_LABEL] !== hash);
    const maxUnavailable = scaledValue(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, desired, "up");
    const unready = outdated.filter((pod) => !isReady(pod));
    const unavailable = desired - active.filter(isReady).length;
    const budget = Math.max(0, Math.max(1, maxUnavailable) - unavailable);
    for (const pod of [...unready, ...outdated.filter(isReady).slice(0, budget)]) remove(pod);
  };

  const updateStatus = (set: DaemonSet, nodes: readonly NodeObject[], hash: string): void => {
    const byNode = podsByNode(set);
    const desired = new Set(
      nodes
        .filter((node) => nodeShouldRunPod(set.spec.template.spec, node).shouldRun)
        .map(({ metadata }) => metadata.name),
    );
    const active = [...byNode].flatMap(([name, found]) =>
      desired.has(name) ? found.filter(isActive).slice(0, 1) : [],
    );
    const ready = active.filter(isReady).length;
    writeStatus(store, "daemonsets.apps", set, {
      desiredNumberScheduled: desired.size,
      currentNumberScheduled: active.length,
      numberMisscheduled: [...byNode].filter(([name, found]) => !desired.has(name) && found.some(isActive)).length,
      numberReady: ready,
      numberAvailable: ready,
      numberUnavailable: desired.size - ready,
      updatedNumberScheduled: active.filter(({ metadata }) => metadata.labels?.[HASH_LABEL] === hash).length,
      observedGeneration: set.metadata.generation,
    });
  };

  const reconcile = (set: DaemonSet): void => {
    const hash = templateHash(set.spec.template);
    const nodes = store.list<NodeObject>("nodes");
    const byNode = podsByNode(set);
    for (const node of nodes) syncNode(set, node, byNode.get(node.metadata.name) ?? [], hash);
    const desired = nodes.filter((node) => nodeShouldRunPod(set.spec.template.spec, node).shouldRun).length;
    update(set, hash, desired);
    updateStatus(set, nodes, hash);
  };

  const watched = { resource: "daemonsets.apps", kind: "DaemonSet", owned: "pods" };
  const controller = startWorkloadController<DaemonSet>(options, watched, reconcile);
  const unsubscribe = store.subscribe("nodes", controller.enqueueAll);
  return () => {
    unsubscribe();
    controller.stop();
  };
};
