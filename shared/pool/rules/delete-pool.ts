import { type Action, beginTransition } from "../actions.ts";
import type { Rule } from "../rule.ts";

/** A deleted pool drains and terminates all it has. */
export const deletePool: Rule = (view) => {
  if (!view.deleting) return [];
  const { warmup, standby, running, stopping } = view.instances;
  const launched = warmup.filter(({ record }) => record.instanceId !== undefined);
  return [
    ...launched.map((instance): Action => beginTransition(instance, "terminating", "PoolDeleted")),
    ...standby.map((instance): Action => beginTransition(instance, "terminating", "PoolDeleted")),
    ...running.map((instance): Action => beginTransition(instance, "terminating", "PoolDeleted")),
    ...stopping.map((instance): Action => beginTransition(instance, "terminating", "PoolDeleted")),
  ];
};
