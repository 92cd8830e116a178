/** Schedules pods like kube-scheduler with its default plugins, but without unbound claims, limits of volumes, preferred pod affinity and preemption. */
import type { Clock } from "../../clock.ts";
import type { KubeObject, Store, StoreEvent } from "../api-server/store.ts";
import { isFinished, type NodeObject, type PodObject, podKey } from "../objects/objects.ts";
import type { RecordEvent } from "../objects/record-event.ts";
import { volumeTermsOf } from "../objects/volumes.ts";
import { createClusterState, type NodeState } from "./cluster-state.ts";
import { findNode, type ScheduleResult, type SchedulingContext } from "./find-node.ts";
import { filterNode } from "./node-filters.ts";
import { dependsOnOtherPods, readPod } from "./pod-facts.ts";
import { createPodWriter, SCHEDULER } from "./pod-writer.ts";
import { createQueue } from "./queue.ts";

/** The time from a change until the scheduler acts on it. */
const DECISION_MS = 20;

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly random: () => number;
  readonly recordEvent: RecordEvent;
}

/** Whether this scheduler handles the pod: it names no other scheduler and is not being deleted. */
const isOurs = ({ spec, metadata }: PodObject): boolean =>
  (spec.schedulerName ?? SCHEDULER) === SCHEDULER && !metadata.deletionTimestamp;

export const startScheduler = (options: SchedulerOptions): (() => void) => {
  const { clock, store, random } = options;
  const state = createClusterState();
  const queue = createQueue();
  const namespaceLabels = (name: string) => store.get<KubeObject>("namespaces", name)?.metadata.labels;
  const podWriter = createPodWriter(options);
  const context: SchedulingContext = { state, namespaceLabels, random };
  let cancelRun: (() => void) | undefined;

  const run = (): void => {
    cancelRun = undefined;
    // Free capacity only shrinks within a run, so a failed attempt also holds for every pod with the same key that does not depend on others.
    const failed = new Map<string, ScheduleResult>();
    for (const facts of queue.activePods()) {
      const known = dependsOnOtherPods(facts) ? undefined : failed.get(facts.equivalenceKey);
      const result = known ?? findNode(facts, context);
      if (result.kind === "node") {
        queue.remove(facts.key);
        podWriter.bind(facts.pod, result.name);
      } else {
        queue.addUnschedulable(facts);
        failed.set(facts.equivalenceKey, result);
        podWriter.markUnschedulable(facts.pod, result.message);
      }
    }
  };

  const requestRun = (): void => {
    if (queue.hasActive()) cancelRun ??= clock.after(DECISION_MS, run);
  };

  /**
   * Activates the unschedulable pods that the node might fit now. kube-scheduler's queueing hints do the same. Since 1.33 it
   * also pops pods from the backoff queue when idle, so there is no backoff here.
   */
  const retryForNode = (node: NodeState | undefined): void => {
    const fitsByKey = new Map<string, boolean>();
    for (const facts of queue.unschedulablePods()) {
      const fits = fitsByKey.get(facts.equivalenceKey) ?? (node !== undefined && filterNode(facts, node) === undefined);
      fitsByKey.set(facts.equivalenceKey, fits);
      if (fits || dependsOnOtherPods(facts) || state.podsWithAntiAffinity.size > 0) queue.activate(facts.key);
    }
  };

  const removeFromNode = (key: string): void => {
    const name = state.removePod(key);
    if (name !== undefined) retryForNode(state.nodes.get(name));
  };

  const onScheduledPod = (pod: PodObject): void => {
    queue.remove(podKey(pod));
    if (isFinished(pod)) {
      removeFromNode(podKey(pod));
      return;
    }
    state.addPod(readPod(pod));
    for (const { key } of queue.unschedulableDependents()) queue.activate(key);
  };

  const onPendingPod = (pod: PodObject): void => {
    if (!isOurs(pod)) queue.remove(podKey(pod));
    else if (pod.spec.schedulingGates?.length) clock.after(0, () => podWriter.markGated(pod));
    else queue.add(readPod(pod, volumeTermsOf(store, pod)));
  };

  const onPod = ({ type, object }: Pick<StoreEvent, "type" | "object">): void => {
    const pod = object as PodObject;
    if (type === "DELETED") {
      queue.remove(podKey(pod));
      removeFromNode(podKey(pod));
    } else if (pod.spec.nodeName) onScheduledPod(pod);
    else onPendingPod(pod);
    requestRun();
  };

  const onNode = ({ type, object }: Pick<StoreEvent, "type" | "object">): void => {
    if (type === "DELETED") state.removeNode(object.metadata.name);
    else retryForNode(state.setNode(object as NodeObject));
    requestRun();
  };

  const stops = [store.subscribe("nodes", onNode), store.subscribe("pods", onPod)];
  for (const object of store.list("nodes")) onNode({ type: "ADDED", object });
  for (const object of store.list("pods")) onPod({ type: "ADDED", object });
  return () => {
    cancelRun?.();
    for (const stop of stops) stop();
  };
};
