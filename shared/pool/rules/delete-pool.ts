import { type Action, begin } from "../actions.ts";
import type { Rule } from "../view.ts";

/** A deleted pool drains and terminates all it has. */
export const deletePool: Rule = (view) => {
  if (!view.deleting) return [];
  const { warmup, standby, running, stopping } = view.instances;
  const launched = warmup.filter(({ record }) => record.instanceId !== undefined);
  return [
    ...launched.map((instance): Action => begin(instance, "terminating", "PoolDeleted")),
    ...standby.map((instance): Action => begin(instance, "terminating", "PoolDeleted")),
    ...running.map((instance): Action => begin(instance, "terminating", "PoolDeleted")),
    ...stopping.map((instance): Action => begin(instance, "terminating", "PoolDeleted")),
  ];
};
