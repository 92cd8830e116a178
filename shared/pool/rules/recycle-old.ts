import { type Action, begin, tell } from "../actions.ts";
import type { Rule } from "../rule.ts";

const WARNING_AHEAD_MS = 5 * 60_000;
/** Reconciles come at least this often around the warning, so that it is said once. */
const WARNING_WINDOW_MS = 30_000;

/** Drains and stops nodes that have been running longer than `maxNodeRuntime`. */
export const recycleOld: Rule = ({ spec, instances, now }) => {
  const limit = spec.maxNodeRuntimeMs;
  if (!limit) return [];
  return instances.running.flatMap((instance): Action[] => {
    const { record } = instance;
    const end = (record.startedAt ?? record.stateSince) + limit;
    if (now >= end) {
      return [
        begin(instance, "stopping", "MaxRuntime"),
        tell("Normal", "MaxRuntimeExceeded", `${record.instanceId} has run for ${limit / 1000} s; draining it`),
      ];
    }
    const warnAt = end - WARNING_AHEAD_MS;
    if (now < warnAt) return [{ kind: "wakeAt", at: warnAt }];
    const due = new Date(end).toISOString();
    const warning = tell("Warning", "MaxRuntimeApproaching", `${record.instanceId} will be drained at ${due}`);
    return [{ kind: "wakeAt", at: end }, ...(now - warnAt < WARNING_WINDOW_MS ? [warning] : [])];
  });
};
