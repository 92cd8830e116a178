import { setCondition } from "../../objects/conditions.ts";
import type { Condition, Deployment } from "../../objects/objects.ts";
import type { ReplicaSet } from "./replica-set.ts";
import { planRollout } from "./rollout.ts";

const sum = (sets: readonly ReplicaSet[], field: "replicas" | "readyReplicas" | "availableReplicas"): number =>
  sets.reduce((total, { status }) => total + (status?.[field] ?? 0), 0);

const progressOf = (newest: ReplicaSet, isDone: boolean) =>
  isDone
    ? { reason: "NewReplicaSetAvailable", message: `ReplicaSet "${newest.metadata.name}" has successfully progressed.` }
    : { reason: "ReplicaSetUpdated", message: `ReplicaSet "${newest.metadata.name}" is progressing.` };

const availabilityOf = (isAvailable: boolean) =>
  isAvailable
    ? { status: "True", reason: "MinimumReplicasAvailable", message: "Deployment has minimum availability." }
    : {
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };

/** The status that a Deployment derives from its ReplicaSets. `newest` is the one for the current template. */
export const deploymentStatus = (
  { spec, status, metadata }: Deployment,
  newest: ReplicaSet,
  sets: readonly ReplicaSet[],
  now: number,
) => {
  const available = sum(sets, "availableReplicas");
  const existing = sum(sets, "replicas");
  const { maxUnavailable } = planRollout(spec, newest, []);
  const isDone = available >= spec.replicas && existing === (newest.status?.replicas ?? 0);
  const conditions: Condition[] = structuredClone(status?.conditions ?? []);
  const isAvailable = available >= spec.replicas - maxUnavailable;
  setCondition({ conditions }, { type: "Available", ...availabilityOf(isAvailable) }, now);
  setCondition({ conditions }, { type: "Progressing", status: "True", ...progressOf(newest, isDone) }, now);
  return {
    conditions,
    observedGeneration: metadata.generation,
    replicas: existing,
    updatedReplicas: newest.status?.replicas ?? 0,
    readyReplicas: sum(sets, "readyReplicas"),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, Math.max(spec.replicas, existing) - available),
  };
};
