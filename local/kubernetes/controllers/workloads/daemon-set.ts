import type { KubeObject } from "../../api-server/store.ts";
import { isActive, isFinished, isReady, type NodeObject, type PodObject, type PodTemplate } from "../../objects.ts";
import { createPod } from "./create-pod.ts";
import { bindToNode, boundNode, placement } from "./daemon-pod.ts";
import { share } from "./share.ts";
import { templateHash } from "./template-hash.ts";
import { startWorkloadLoop, type WorkloadOptions, writeStatus } from "./workload.ts";

interface DaemonSet extends KubeObject {
  spec: {
    template: PodTemplate;
    updateStrategy?: { type?: string; rollingUpdate?: { maxUnavailable?: number | string } };
  };
}

const HASH_LABEL = "controller-revision-hash";

/** Keeps a pod of each DaemonSet on each node that may have one, stopped nodes included: their pods count as unavailable. */
export const startDaemonSets = (options: WorkloadOptions): (() => void) => {
  const { store, pods } = options;

  const podsByNode = ({ metadata }: DaemonSet): Map<string, PodObject[]> => {
    const found = new Map<string, PodObject[]>();
    for (const pod of pods.ownedBy(metadata.uid ?? "")) {
      const name = boundNode(pod);
      if (name !== undefined) found.set(name, [...(found.get(name) ?? []), pod]);
    }
    return found;
  };

  const remove = ({ metadata }: PodObject): void => store.remove("pods", metadata.name, metadata.namespace);

  const keepNode = (set: DaemonSet, node: NodeObject, here: readonly PodObject[], hash: string): void => {
    const { mayRun, mayStay } = placement(set.spec.template.spec, node);
    const present = here.filter(({ metadata }) => !metadata.deletionTimestamp);
    for (const pod of present) if (isFinished(pod) || !mayStay) remove(pod);
    const active = present.filter(isActive);
    if (mayStay) for (const pod of active.slice(1)) remove(pod);
    // A pod that is still leaving holds the place of the next one.
    if (!mayRun || here.length > 0) return;
    createPod(store, set, set.spec.template, {
      labels: { [HASH_LABEL]: hash },
      spec: bindToNode(set.spec.template.spec, node.metadata.name),
    });
  };

  /** Replaces outdated pods, as many at once as may be unavailable. */
  const update = (set: DaemonSet, hash: string, desired: number): void => {
    if (set.spec.updateStrategy?.type === "OnDelete") return;
    const active = pods.ownedBy(set.metadata.uid ?? "").filter(isActive);
    const outdated = active.filter(({ metadata }) => metadata.labels?.[HASH_LABEL] !== hash);
    const asked = share(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, desired, "up");
    const unready = outdated.filter((pod) => !isReady(pod));
    const away = desired - active.filter(isReady).length;
    const budget = Math.max(0, Math.max(1, asked) - away);
    for (const pod of [...unready, ...outdated.filter(isReady).slice(0, budget)]) remove(pod);
  };

  const report = (set: DaemonSet, nodes: readonly NodeObject[], hash: string): void => {
    const here = podsByNode(set);
    const wanted = new Set(
      nodes.filter((node) => placement(set.spec.template.spec, node).mayRun).map(({ metadata }) => metadata.name),
    );
    const active = [...here].flatMap(([name, found]) => (wanted.has(name) ? found.filter(isActive).slice(0, 1) : []));
    const ready = active.filter(isReady).length;
    writeStatus(store, "daemonsets.apps", set, {
      desiredNumberScheduled: wanted.size,
      currentNumberScheduled: active.length,
      numberMisscheduled: [...here].filter(([name, found]) => !wanted.has(name) && found.some(isActive)).length,
      numberReady: ready,
      numberAvailable: ready,
      numberUnavailable: wanted.size - ready,
      updatedNumberScheduled: active.filter(({ metadata }) => metadata.labels?.[HASH_LABEL] === hash).length,
      observedGeneration: set.metadata.generation,
    });
  };

  const reconcile = (set: DaemonSet): void => {
    const hash = templateHash(set.spec.template);
    const nodes = store.list<NodeObject>("nodes");
    const here = podsByNode(set);
    for (const node of nodes) keepNode(set, node, here.get(node.metadata.name) ?? [], hash);
    const desired = nodes.filter((node) => placement(set.spec.template.spec, node).mayRun).length;
    update(set, hash, desired);
    report(set, nodes, hash);
  };

  const watched = { resource: "daemonsets.apps", kind: "DaemonSet", owned: "pods" };
  const loop = startWorkloadLoop<DaemonSet>(options, watched, reconcile);
  const unsubscribe = store.subscribe("nodes", loop.addAll);
  return () => {
    unsubscribe();
    loop.stop();
  };
};
