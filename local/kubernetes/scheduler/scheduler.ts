/** Puts pods on nodes as kube-scheduler with its default plugins does, but for volumes, preferences between pods and preemption. */
import type { Clock } from "../../clock.ts";
import type { KubeObject, Store, StoreEvent } from "../api-server/store.ts";
import { isFinished, type NodeObject, type PodObject, podKey } from "../objects.ts";
import type { RecordEvent } from "../record-event.ts";
import { createClusterState, type NodeState } from "./cluster-state.ts";
import { type Finding, findNode, type Surroundings } from "./find-node.ts";
import { filterNode } from "./node-filters.ts";
import { looksAtOthers, readPod } from "./pod-facts.ts";
import { createQueue } from "./queue.ts";
import { createVerdicts, SCHEDULER } from "./verdicts.ts";

/** From a change to the decision about it. */
const DECISION_MS = 20;

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly random: () => number;
  readonly recordEvent: RecordEvent;
}

/** Pods of other schedulers, gated ones and those that leave are not looked at. */
const isOurs = ({ spec, metadata }: PodObject): boolean =>
  (spec.schedulerName ?? SCHEDULER) === SCHEDULER && !metadata.deletionTimestamp;

export const startScheduler = (options: SchedulerOptions): (() => void) => {
  const { clock, store, random } = options;
  const state = createClusterState();
  const queue = createQueue();
  const namespaceLabels = (name: string) => store.get<KubeObject>("namespaces", name)?.metadata.labels;
  const verdicts = createVerdicts(options);
  const surroundings: Surroundings = { state, namespaceLabels, random };
  let cancelRun: (() => void) | undefined;

  const run = (): void => {
    cancelRun = undefined;
    // Within one run room only shrinks, so what found no node stands for all pods of its shape that do not look at others.
    const refused = new Map<string, Finding>();
    for (const facts of queue.take()) {
      const known = looksAtOthers(facts) ? undefined : refused.get(facts.shape);
      const finding = known ?? findNode(facts, surroundings);
      if (finding.kind === "node") {
        queue.forget(facts.key);
        verdicts.bind(facts.pod, finding.name);
      } else {
        queue.park(facts);
        refused.set(facts.shape, finding);
        verdicts.refuse(facts.pod, finding.message);
      }
    }
  };

  const wake = (): void => {
    if (queue.hasWork()) cancelRun ??= clock.after(DECISION_MS, run);
  };

  /**
   * Looks again at the pods that the node could take now. kube-scheduler's queueing hints do the same, and since 1.33 it takes
   * pods out of their backoff when it has nothing else to do, so that no backoff shows here.
   */
  const retryFor = (node: NodeState | undefined): void => {
    const taken = new Map<string, boolean>();
    for (const facts of queue.parked()) {
      const isTaken = taken.get(facts.shape) ?? (node !== undefined && filterNode(facts, node) === undefined);
      taken.set(facts.shape, isTaken);
      if (isTaken || looksAtOthers(facts) || state.guarded.size > 0) queue.retry(facts.key);
    }
  };

  const freeRoom = (key: string): void => {
    const name = state.unplace(key);
    if (name !== undefined) retryFor(state.nodes.get(name));
  };

  const seePlaced = (pod: PodObject): void => {
    queue.forget(podKey(pod));
    if (isFinished(pod)) {
      freeRoom(podKey(pod));
      return;
    }
    state.place(readPod(pod));
    for (const { key } of queue.parkedLookers()) queue.retry(key);
  };

  const seeWaiting = (pod: PodObject): void => {
    if (!isOurs(pod)) queue.forget(podKey(pod));
    else if (pod.spec.schedulingGates?.length) clock.after(0, () => verdicts.gate(pod));
    else queue.add(readPod(pod));
  };

  const seePod = ({ type, object }: Pick<StoreEvent, "type" | "object">): void => {
    const pod = object as PodObject;
    if (type === "DELETED") {
      queue.forget(podKey(pod));
      freeRoom(podKey(pod));
    } else if (pod.spec.nodeName) seePlaced(pod);
    else seeWaiting(pod);
    wake();
  };

  const seeNode = ({ type, object }: Pick<StoreEvent, "type" | "object">): void => {
    if (type === "DELETED") state.removeNode(object.metadata.name);
    else retryFor(state.setNode(object as NodeObject));
    wake();
  };

  const stops = [store.subscribe("nodes", seeNode), store.subscribe("pods", seePod)];
  for (const object of store.list("nodes")) seeNode({ type: "ADDED", object });
  for (const object of store.list("pods")) seePod({ type: "ADDED", object });
  return () => {
    cancelRun?.();
    for (const stop of stops) stop();
  };
};
