import type { Deployment } from "../../objects/objects.ts";
import type { ReplicaSet } from "./replica-set.ts";
import { scaledValue } from "./scaled-value.ts";

export interface Rollout {
  readonly maxUnavailable: number;
  readonly scales: readonly { readonly set: ReplicaSet; readonly replicas: number }[];
}

const total = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, { spec }) => sum + spec.replicas, 0);

const available = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);

/** Removes `surplus` pods from the old ReplicaSets, starting with those with the fewest available pods. */
const shrink = (old: readonly ReplicaSet[], surplus: number): Rollout["scales"] => {
  let left = surplus;
  const leastAvailableFirst = old.toSorted(
    (one, other) => (one.status?.availableReplicas ?? 0) - (other.status?.availableReplicas ?? 0),
  );
  return leastAvailableFirst.map((set) => {
    const taken = Math.min(left, set.spec.replicas);
    left -= taken;
    return { set, replicas: set.spec.replicas - taken };
  });
};

/** The next replica counts of a Deployment's ReplicaSets (deployment controller, rolling.go and recreate.go). */
export const planRollout = (spec: Deployment["spec"], newest: ReplicaSet, old: readonly ReplicaSet[]): Rollout => {
  if (spec.strategy?.type === "Recreate") {
    const isEmpty = old.every((set) => set.spec.replicas === 0 && !set.status?.replicas);
    const scales = [
      ...old.map((set) => ({ set, replicas: 0 })),
      ...(isEmpty ? [{ set: newest, replicas: spec.replicas }] : []),
    ];
    return { maxUnavailable: spec.replicas, scales };
  }
  const { maxSurge, maxUnavailable: unavailable } = spec.strategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge ?? "25%", spec.replicas, "up");
  const requestedUnavailable = scaledValue(unavailable ?? "25%", spec.replicas, "down");
  // If maxSurge and maxUnavailable both resolve to 0, the rollout could never progress.
  const maxUnavailable = surge === 0 && requestedUnavailable === 0 ? 1 : Math.min(requestedUnavailable, spec.replicas);
  const room = spec.replicas + surge - total([newest, ...old]);
  const desired =
    newest.spec.replicas >= spec.replicas
      ? spec.replicas
      : Math.min(spec.replicas, newest.spec.replicas + Math.max(0, room));
  const needed = spec.replicas - maxUnavailable;
  const notYetAvailable = Math.max(0, newest.spec.replicas - available([newest]));
  const removable = Math.max(0, total([newest, ...old]) - needed - notYetAvailable);
  const unavailableOld = Math.min(total(old) - available(old), removable);
  const surplusAvailable = Math.max(0, available([newest, ...old]) - needed);
  return {
    maxUnavailable,
    scales: [{ set: newest, replicas: desired }, ...shrink(old, unavailableOld + surplusAvailable)],
  };
};
