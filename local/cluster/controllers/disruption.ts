/** Keeps the status of PodDisruptionBudgets, by which the API server allows or refuses evictions. */
import type { Clock } from "../../clock.ts";
import type { KubeObject, Store } from "../../kube/store.ts";
import { conditionOf, isFinished, type PodObject } from "../objects.ts";
import { onChanges } from "./on-changes.ts";

const REACTION_MS = 10;

interface Budget extends KubeObject {
  spec: {
    minAvailable?: number | string;
    maxUnavailable?: number | string;
    selector?: { matchLabels?: Record<string, string> };
  };
  status?: Record<string, unknown>;
}

/** Percentages round up, for both kinds of bound (kubernetes/pkg/controller/disruption). */
const bound = (value: number | string, of: number): number =>
  typeof value === "number" ? value : Math.ceil((Number.parseInt(value, 10) / 100) * of);

const selects = ({ spec }: Budget, { metadata }: PodObject): boolean =>
  Object.entries(spec.selector?.matchLabels ?? {}).every(([key, value]) => metadata.labels?.[key] === value);

const updateBudget = (store: Store, budget: Budget): void => {
  const { name, namespace } = budget.metadata;
  const pods = store.list<PodObject>("pods", namespace).filter((pod) => selects(budget, pod) && !isFinished(pod));
  const healthy = pods.filter(
    (pod) => !pod.metadata.deletionTimestamp && conditionOf(pod, "Ready")?.status === "True",
  ).length;
  const { minAvailable, maxUnavailable } = budget.spec;
  const desired =
    maxUnavailable === undefined
      ? bound(minAvailable ?? 1, pods.length)
      : Math.max(0, pods.length - bound(maxUnavailable, pods.length));
  store.change<Budget>(
    "poddisruptionbudgets.policy",
    name,
    namespace,
    (current) => {
      current.status = {
        ...current.status,
        observedGeneration: current.metadata.generation,
        currentHealthy: healthy,
        desiredHealthy: desired,
        expectedPods: pods.length,
        disruptionsAllowed: Math.max(0, healthy - desired),
      };
    },
    { status: true },
  );
};

export const startDisruption = (clock: Clock, store: Store): (() => void) =>
  onChanges(clock, store, ["pods", "poddisruptionbudgets.policy"], REACTION_MS, () => {
    for (const budget of store.list<Budget>("poddisruptionbudgets.policy")) updateBudget(store, budget);
  });
