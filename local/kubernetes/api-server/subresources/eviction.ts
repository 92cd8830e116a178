import { timestamp } from "../create-store.ts";
import { childOf, valueAt } from "../json-value.ts";
import { tooManyRequests } from "../refusals.ts";
import { readBody } from "../requests/body.ts";
import type { Answer, ResourceRequest } from "../requests/context.ts";
import { getTarget } from "../requests/read.ts";
import { deleteObject, deleteOptionsOf } from "../requests/remove.ts";
import { type LabelSelector, matchesSelector } from "../selectors/labels.ts";
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
const REFUSED = "Cannot evict pod as it would violate the pod's disruption budget.";

/** Deletes a pod if its disruption budget allows it, else 429 (pkg/registry/core/pod/storage/eviction.go). */
export const answerEviction = (request: ResourceRequest): Answer => {
  const pod = getTarget(request);
  const options = deleteOptionsOf(request, valueAt(readBody(request), ["deleteOptions"]) ?? {});
  if (!isEasyToEvict(pod)) spendBudget(request, pod, options.isDryRun);
  deleteObject(request, options.isDryRun ? pod : sayWhy(request, pod), options);
  return { status: 201, body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } };
};

const EVICTED = {
  type: "DisruptionTarget",
  status: "True",
  reason: "EvictionByEvictionAPI",
  message: "Eviction API: evicting",
} as const;

/** A pod that is being deleted already goes for another reason. */
const sayWhy = ({ cluster }: ResourceRequest, pod: KubeObject): KubeObject => {
  const { name, namespace, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp) return pod;
  const told = cluster.store.change("pods", name, namespace, (current) =>
    setPodCondition(current, EVICTED, cluster.clock.now()),
  );
  return told ?? pod;
};

/** Pods that have ended, have not begun or are being deleted cost no budget. */
const isEasyToEvict = (pod: KubeObject): boolean => {
  const phase = valueAt(pod, ["status", "phase"]);
  return pod.metadata.deletionTimestamp !== undefined || ["Succeeded", "Failed", "Pending"].includes(String(phase));
};

const spendBudget = ({ cluster }: ResourceRequest, pod: KubeObject, isDryRun: boolean): void => {
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
  if (!isReady(pod) && mayGoUnhealthy(budget)) return;
  refuseIfSpent(budget);
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

/** An unready pod may go when it keeps nothing from being available (unhealthyPodEvictionPolicy, IfHealthyBudget by default). */
const mayGoUnhealthy = ({ spec, status }: Budget): boolean =>
  spec?.unhealthyPodEvictionPolicy === "AlwaysAllow" ||
  ((status?.desiredHealthy ?? 0) > 0 && (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0));

const refuseIfSpent = ({ metadata, status }: Budget): void => {
  const refuse = (message: string, more: object = {}) =>
    tooManyRequests(REFUSED, { causes: [{ reason: "DisruptionBudget", message }], ...more });
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    const message = `The disruption budget ${metadata.name} is still being processed by the server.`;
    throw refuse(message, { retryAfterSeconds: 10 });
  }
  if ((status?.disruptionsAllowed ?? 0) > 0) return;
  const { desiredHealthy = 0, currentHealthy = 0 } = status ?? {};
  throw refuse(
    `The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
  );
};

const isReady = (pod: KubeObject): boolean => {
  const conditions = valueAt(pod, ["status", "conditions"]);
  return Array.isArray(conditions) && conditions.some(({ type, status }) => type === "Ready" && status === "True");
};
