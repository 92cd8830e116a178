import type { Deployment } from "../../objects.ts";
import type { ReplicaSet } from "./replica-set.ts";
import { share } from "./share.ts";

export interface Rollout {
  readonly maxUnavailable: number;
  readonly scales: readonly { readonly set: ReplicaSet; readonly replicas: number }[];
}

const total = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, { spec }) => sum + spec.replicas, 0);

const available = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);

/** Takes `surplus` pods from the old sets, those that are not available first. */
const shrink = (old: readonly ReplicaSet[], surplus: number): Rollout["scales"] => {
  let left = surplus;
  const healthyFirst = old.toSorted(
    (one, other) => (one.status?.availableReplicas ?? 0) - (other.status?.availableReplicas ?? 0),
  );
  return healthyFirst.map((set) => {
    const taken = Math.min(left, set.spec.replicas);
    left -= taken;
    return { set, replicas: set.spec.replicas - taken };
  });
};

/** The next sizes of a Deployment's sets (deployment controller, rolling.go and recreate.go). */
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
  const surge = share(maxSurge ?? "25%", spec.replicas, "up");
  const asked = share(unavailable ?? "25%", spec.replicas, "down");
  // With neither a surge nor anything unavailable nothing could ever move.
  const maxUnavailable = surge === 0 && asked === 0 ? 1 : Math.min(asked, spec.replicas);
  const room = spec.replicas + surge - total([newest, ...old]);
  const wanted =
    newest.spec.replicas >= spec.replicas
      ? spec.replicas
      : Math.min(spec.replicas, newest.spec.replicas + Math.max(0, room));
  const needed = spec.replicas - maxUnavailable;
  const notYet = Math.max(0, newest.spec.replicas - available([newest]));
  const dispensable = Math.max(0, total([newest, ...old]) - needed - notYet);
  const idle = Math.min(total(old) - available(old), dispensable);
  const replaced = Math.max(0, available([newest, ...old]) - needed);
  return { maxUnavailable, scales: [{ set: newest, replicas: wanted }, ...shrink(old, idle + replaced)] };
};
