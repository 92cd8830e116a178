/** Keeps the status of PodDisruptionBudgets, by which evictions are allowed. Source: kube-controller-manager's disruption controller. */

import { matchesSelector } from "../../api-server/selectors/labels.ts";
import type { KubeObject, Store } from "../../api-server/store.ts";
import { setCondition } from "../../conditions.ts";
import { createKeyedLoop } from "../../keyed-loop.ts";
import {
  type Condition,
  controllerOf,
  isFinished,
  isReady,
  type LabelSelector,
  type PodObject,
} from "../../objects.ts";
import { share } from "./share.ts";
import { keyOf, type WorkloadOptions, writeStatus } from "./workload.ts";

interface Budget extends KubeObject {
  spec: { selector?: LabelSelector; minAvailable?: number | string; maxUnavailable?: number | string };
  status?: { conditions?: Condition[]; disruptedPods?: Record<string, string> };
}

interface Scaled extends KubeObject {
  spec: { replicas?: number };
}

const BUDGETS = "poddisruptionbudgets.policy";
const SCALED: Readonly<Record<string, string>> = {
  ReplicaSet: "replicasets.apps",
  StatefulSet: "statefulsets.apps",
  ReplicationController: "replicationcontrollers",
};
/** An eviction whose pod is still there after this long is taken to have failed. */
const DELETION_MS = 120_000;

/** How many pods there ought to be, from the scales of their controllers; a pod without one counts for itself. */
const expectedByScale = (store: Store, pods: readonly PodObject[]): number => {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    const resource = SCALED[owner?.kind ?? ""];
    const scaled = resource && owner ? store.get<Scaled>(resource, owner.name, pod.metadata.namespace) : undefined;
    scales.set(scaled?.metadata.uid ?? pod.metadata.uid ?? "", scaled?.spec.replicas ?? 1);
  }
  return [...scales.values()].reduce((sum, scale) => sum + scale, 0);
};

const expectation = (store: Store, { spec }: Budget, pods: readonly PodObject[]) => {
  if (spec.maxUnavailable !== undefined) {
    const expectedPods = expectedByScale(store, pods);
    const desired = expectedPods - share(spec.maxUnavailable, expectedPods, "up");
    return { expectedPods, desiredHealthy: Math.max(0, desired) };
  }
  if (typeof spec.minAvailable === "number") return { expectedPods: pods.length, desiredHealthy: spec.minAvailable };
  const expectedPods = expectedByScale(store, pods);
  return { expectedPods, desiredHealthy: share(spec.minAvailable, expectedPods, "up") };
};

export const startDisruptionBudgets = (options: WorkloadOptions): (() => void) => {
  const { clock, store } = options;

  /** Pods whose eviction was allowed but has not shown yet; they are spent already. */
  const stillDisrupted = ({ status }: Budget, pods: readonly PodObject[]): Record<string, string> => {
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
    const disruptedPods = stillDisrupted(budget, pods);
    const healthy = pods.filter(
      (pod) => isReady(pod) && !pod.metadata.deletionTimestamp && !(pod.metadata.name in disruptedPods),
    );
    const { expectedPods, desiredHealthy } = expectation(store, budget, pods);
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
    if (Object.keys(disruptedPods).length > 0) loop.addLater(key, DELETION_MS);
  };

  const loop = createKeyedLoop(clock, reconcile);
  const lookAtThoseOf = (pod: KubeObject): void => {
    for (const budget of store.list<Budget>(BUDGETS, pod.metadata.namespace)) {
      if (matchesSelector(budget.spec.selector, pod.metadata.labels)) loop.add(keyOf(budget));
    }
  };
  const stops = [
    store.subscribe(BUDGETS, ({ object }) => loop.add(keyOf(object))),
    store.subscribe("pods", ({ object }) => lookAtThoseOf(object)),
    loop.stop,
  ];
  for (const budget of store.list(BUDGETS)) loop.add(keyOf(budget));
  return () => {
    for (const stop of stops) stop();
  };
};
