import { timestamp } from "../create-store.ts";
import { childOf, valueAt } from "../json-value.ts";
import { readBody } from "../requests/body.ts";
import type { Answer, ResourceRequest } from "../requests/context.ts";
import { deleteObject, deleteOptionsOf } from "../requests/delete.ts";
import { getTarget } from "../requests/read.ts";
import { type LabelSelector, matchesSelector } from "../selectors/labels.ts";
import { tooManyRequests } from "../status-errors.ts";
import { KubeFailure, type KubeObject } from "../store.ts";
import { setPodCondition } from "./pod-condition.ts";

interface Budget extends KubeObject {
  spec?: { selector?: LabelSelector; minAvailable?: number | string; unhealthyPodEvictionPolicy?: string };
  status?: {
    observedGeneration?: number;
    disruptionsAllowed?: number;
    desiredHealthy?: number;
    currentHealthy?: number;
    disruptedPods?: Record<string, string>;
  };
}

const BUDGETS = "poddisruptionbudgets.policy";
const BUDGET_VIOLATED = "Cannot evict pod as it would violate the pod's disruption budget.";

/** Deletes a pod if its disruption budget allows it, else throws 429 (pkg/registry/core/pod/storage/eviction.go). */
export const answerEviction = (request: ResourceRequest): Answer => {
  const pod = getTarget(request);
  const options = deleteOptionsOf(request, valueAt(readBody(request), ["deleteOptions"]) ?? {});
  if (!canIgnoreBudget(pod)) consumeDisruption(request, pod, options.isDryRun);
  deleteObject(request, options.isDryRun ? pod : addDisruptionTarget(request, pod), options);
  return { status: 201, body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } };
};

const EVICTED = {
  type: "DisruptionTarget",
  status: "True",
  reason: "EvictionByEvictionAPI",
  message: "Eviction API: evicting",
} as const;

/** Adds the DisruptionTarget condition, except to a pod that is already being deleted for another reason. */
const addDisruptionTarget = ({ cluster }: ResourceRequest, pod: KubeObject): KubeObject => {
  const { name, namespace, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp) return pod;
  const updated = cluster.store.change("pods", name, namespace, (current) =>
    setPodCondition(current, EVICTED, cluster.clock.now()),
  );
  return updated ?? pod;
};

/** Pods that are finished, pending or being deleted do not count against the budget. */
const canIgnoreBudget = (pod: KubeObject): boolean => {
  const phase = valueAt(pod, ["status", "phase"]);
  return pod.metadata.deletionTimestamp !== undefined || ["Succeeded", "Failed", "Pending"].includes(String(phase));
};

const consumeDisruption = ({ cluster }: ResourceRequest, pod: KubeObject, isDryRun: boolean): void => {
  const { namespace, name, labels } = pod.metadata;
  const budgets = cluster.store
    .list<Budget>(BUDGETS, namespace)
    .filter(({ spec }) => matchesSelector(spec?.selector, labels));
  const [budget, ...more] = budgets;
  if (!budget) return;
  if (more.length > 0) {
    throw new KubeFailure(
      500,
      "InternalError",
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    );
  }
  if (!isReady(pod) && mayEvictUnhealthy(budget)) return;
  checkBudget(budget);
  if (isDryRun) return;
  cluster.store.change<Budget>(
    BUDGETS,
    budget.metadata.name,
    namespace,
    (object) => {
      const status = childOf(object, "status") as NonNullable<Budget["status"]>;
      status.disruptionsAllowed = (status.disruptionsAllowed ?? 0) - 1;
      status.disruptedPods = { ...status.disruptedPods, [name]: timestamp(cluster.clock.now()) };
    },
    { status: true },
  );
};

/** Whether an unready pod may be evicted regardless of the budget (unhealthyPodEvictionPolicy, IfHealthyBudget by default). */
const mayEvictUnhealthy = ({ spec, status }: Budget): boolean =>
  spec?.unhealthyPodEvictionPolicy === "AlwaysAllow" ||
  ((status?.desiredHealthy ?? 0) > 0 && (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0));

const checkBudget = ({ metadata, status }: Budget): void => {
  const budgetError = (message: string, more: object = {}) =>
    tooManyRequests(BUDGET_VIOLATED, { causes: [{ reason: "DisruptionBudget", message }], ...more });
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    const message = `The disruption budget ${metadata.name} is still being processed by the server.`;
    throw budgetError(message, { retryAfterSeconds: 10 });
  }
  if ((status?.disruptionsAllowed ?? 0) > 0) return;
  const { desiredHealthy = 0, currentHealthy = 0 } = status ?? {};
  throw budgetError(
    `The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
  );
};

const isReady = (pod: KubeObject): boolean => {
  const conditions = valueAt(pod, ["status", "conditions"]);
  return Array.isArray(conditions) && conditions.some(({ type, status }) => type === "Ready" && status === "True");
};
