import { timestamp } from "../api-server/create-store.ts";
import type { Condition } from "./objects.ts";

/** Sets a condition in place. As everywhere in Kubernetes, lastTransitionTime changes only when the status changes. */
export const setCondition = (status: { conditions?: Condition[] }, condition: Condition, now: number): void => {
  status.conditions ??= [];
  const before = status.conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : timestamp(now);
  if (before) Object.assign(before, { lastTransitionTime }, condition);
  else status.conditions.push({ lastTransitionTime, ...condition });
};
