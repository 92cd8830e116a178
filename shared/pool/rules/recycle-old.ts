import { type Action, beginTransition, emitEvent } from "../actions.ts";
import { disruptionsLeft } from "../disruption.ts";
import type { Rule } from "../rule.ts";
import type { Instance } from "../view.ts";

const WARNING_AHEAD_MS = 5 * 60_000;

const recycle = (instance: Instance<"running">, limitMs: number): Action[] => [
  beginTransition(instance, "stopping", "MaxRuntime"),
  emitEvent(
    "Normal",
    "MaxRuntimeExceeded",
    `${instance.record.instanceId} has run for ${limitMs / 1000} s; draining it`,
    instance,
  ),
];

const warn = (instance: Instance<"running">, end: number, now: number): Action[] => {
  const { record } = instance;
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
};

/**
 * Drains and stops nodes that have been running longer than `maxNodeRuntime`, with one warning ahead of time. Nodes of one burst get old together, so
 * only as many as `disruption.maxUnavailable` allows are drained at once, longest overdue first; each that is done wakes the pool for the next.
 */
export const recycleOld: Rule = ({ spec, instances, now }, whole) => {
  const limitMs = spec.maxNodeRuntimeMs;
  if (!limitMs) return [];
  const byEnd = instances.running
    .map((instance) => ({ instance, end: (instance.record.startedAt ?? instance.record.stateSince) + limitMs }))
    .toSorted((one, other) => one.end - other.end);
  const overdue = byEnd.filter(({ end }) => now >= end);
  return [
    ...overdue.slice(0, disruptionsLeft(whole)).flatMap(({ instance }) => recycle(instance, limitMs)),
    ...byEnd.slice(overdue.length).flatMap(({ instance, end }) => warn(instance, end, now)),
  ];
};
