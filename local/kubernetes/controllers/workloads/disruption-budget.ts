/** Maintains the PodDisruptionBudget status that decides on evictions. Source: kube-controller-manager's disruption controller. */

import { matchesSelector } from "../../api-server/selectors/labels.ts";
import type { KubeObject, Store } from "../../api-server/store.ts";
import { createWorkQueue } from "../../loops/work-queue.ts";
import { setCondition } from "../../objects/conditions.ts";
import {
  type Condition,
  controllerOf,
  isFinished,
  isReady,
  type LabelSelector,
  type PodObject,
} from "../../objects/objects.ts";
import { scaledValue } from "./scaled-value.ts";
import { keyOf, type WorkloadOptions, writeStatus } from "./workload.ts";

interface Budget extends KubeObject {
  spec: { selector?: LabelSelector; minAvailable?: number | string; maxUnavailable?: number | string };
  status?: { conditions?: Condition[]; disruptedPods?: Record<string, string> };
}

interface Scalable extends KubeObject {
  spec: { replicas?: number };
}

const BUDGETS = "poddisruptionbudgets.policy";
const SCALABLE: Readonly<Record<string, string>> = {
  ReplicaSet: "replicasets.apps",
  StatefulSet: "statefulsets.apps",
  ReplicationController: "replicationcontrollers",
};
/** An eviction counts as failed if its pod is still there after this time (the controller's DeletionTimeout). */
const DELETION_MS = 120_000;

/** The expected number of pods: the sum of their controllers' replicas. A pod without a controller counts as 1. */
const expectedCount = (store: Store, pods: readonly PodObject[]): number => {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    const resource = SCALABLE[owner?.kind ?? ""];
    const scaled = resource && owner ? store.get<Scalable>(resource, owner.name, pod.metadata.namespace) : undefined;
    scales.set(scaled?.metadata.uid ?? pod.metadata.uid ?? "", scaled?.spec.replicas ?? 1);
  }
  return [...scales.values()].reduce((sum, scale) => sum + scale, 0);
};

const expectedHealthy = (store: Store, { spec }: Budget, pods: readonly PodObject[]) => {
  if (spec.maxUnavailable !== undefined) {
    const expectedPods = expectedCount(store, pods);
    const desired = expectedPods - scaledValue(spec.maxUnavailable, expectedPods, "up");
    return { expectedPods, desiredHealthy: Math.max(0, desired) };
  }
  if (typeof spec.minAvailable === "number") return { expectedPods: pods.length, desiredHealthy: spec.minAvailable };
  const expectedPods = expectedCount(store, pods);
  return { expectedPods, desiredHealthy: scaledValue(spec.minAvailable, expectedPods, "up") };
};

export const startDisruptionBudgets = (options: WorkloadOptions): (() => void) => {
  const { clock, store } = options;

  /** Pods whose eviction was allowed but whose deletion is not visible yet. They already count against the budget. */
  const pendingDisruptions = ({ status }: Budget, pods: readonly PodObject[]): Record<string, string> => {
    const waiting = new Set(
      pods.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name),
    );
    return Object.fromEntries(
      Object.entries(status?.disruptedPods ?? {}).filter(
        ([name, since]) => waiting.has(name) && clock.now() < Date.parse(since) + DELETION_MS,
      ),
    );
  };

  const reconcile = (key: string): void => {
    const [namespace = "", name = ""] = key.split("/");
    const budget = store.get<Budget>(BUDGETS, name, namespace);
    if (!budget || budget.metadata.deletionTimestamp) return;
    const pods = store
      .list<PodObject>("pods", namespace)
      .filter((pod) => !isFinished(pod) && matchesSelector(budget.spec.selector, pod.metadata.labels));
    const disruptedPods = pendingDisruptions(budget, pods);
    const healthy = pods.filter(
      (pod) => isReady(pod) && !pod.metadata.deletionTimestamp && !(pod.metadata.name in disruptedPods),
    );
    const { expectedPods, desiredHealthy } = expectedHealthy(store, budget, pods);
    const disruptionsAllowed = expectedPods > 0 ? Math.max(0, healthy.length - desiredHealthy) : 0;
    const conditions = structuredClone(budget.status?.conditions ?? []);
    const isAllowed = disruptionsAllowed > 0;
    const condition = {
      type: "DisruptionAllowed",
      status: isAllowed ? "True" : "False",
      reason: isAllowed ? "SufficientPods" : "InsufficientPods",
      observedGeneration: budget.metadata.generation,
    };
    setCondition({ conditions }, condition, clock.now());
    writeStatus(store, BUDGETS, budget, {
      currentHealthy: healthy.length,
      desiredHealthy,
      expectedPods,
      disruptionsAllowed,
      disruptedPods: Object.keys(disruptedPods).length > 0 ? disruptedPods : undefined,
      observedGeneration: budget.metadata.generation,
      conditions,
    });
    if (Object.keys(disruptedPods).length > 0) queue.addAfter(key, DELETION_MS);
  };

  const queue = createWorkQueue(clock, reconcile);
  const enqueueBudgetsFor = (pod: KubeObject): void => {
    for (const budget of store.list<Budget>(BUDGETS, pod.metadata.namespace)) {
      if (matchesSelector(budget.spec.selector, pod.metadata.labels)) queue.add(keyOf(budget));
    }
  };
  const stops = [
    store.subscribe(BUDGETS, ({ object }) => queue.add(keyOf(object))),
    store.subscribe("pods", ({ object }) => enqueueBudgetsFor(object)),
    queue.stop,
  ];
  for (const budget of store.list(BUDGETS)) queue.add(keyOf(budget));
  return () => {
    for (const stop of stops) stop();
  };
};
