import { type Action, beginTransition } from "../actions.ts";
import type { Rule } from "../rule.ts";

/** A pool that is being deleted drains and terminates all of its instances. */
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
