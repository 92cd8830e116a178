import { type Action, beginTransition, emitEvent } from "../actions.ts";
import type { Rule } from "../rule.ts";

const WARNING_AHEAD_MS = 5 * 60_000;

/** Drains and stops nodes that have been running longer than `maxNodeRuntime`, with one warning ahead of time. */
export const recycleOld: Rule = ({ spec, instances, now }) => {
  const limit = spec.maxNodeRuntimeMs;
  if (!limit) return [];
  return instances.running.flatMap((instance): Action[] => {
    const { record } = instance;
    const end = (record.startedAt ?? record.stateSince) + limit;
    if (now >= end) {
      const ran = `${record.instanceId} has run for ${limit / 1000} s; draining it`;
      return [
        beginTransition(instance, "stopping", "MaxRuntime"),
        emitEvent("Normal", "MaxRuntimeExceeded", ran, instance),
      ];
    }
    const warnAt = end - WARNING_AHEAD_MS;
    if (now < warnAt) return [{ kind: "requeueAt", at: warnAt }];
    const again: Action = { kind: "requeueAt", at: end };
    if (record.runtimeWarnedAt !== undefined) return [again];
    const due = new Date(end).toISOString();
    return [
      { kind: "updateRecord", instance, set: { runtimeWarnedAt: now } },
      emitEvent("Warning", "MaxRuntimeApproaching", `${record.instanceId} will be drained at ${due}`, instance),
      again,
    ];
  });
};
