import { timestamp } from "../create-store.ts";
import { childOf, objectsIn } from "../json-value.ts";
import type { KubeObject } from "../store.ts";

interface PodCondition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason?: string;
  readonly message?: string;
}

/** Sets a condition in a pod's status and replaces one of the same type. */
export const setPodCondition = (pod: KubeObject, condition: PodCondition, nowMs: number): void => {
  const status = childOf(pod, "status");
  const others = objectsIn(status.conditions).filter(({ type }) => type !== condition.type);
  status.conditions = [...others, { ...condition, lastProbeTime: null, lastTransitionTime: timestamp(nowMs) }];
};
