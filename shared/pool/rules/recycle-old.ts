import { type Action, beginTransition, emitEvent } from "../actions.ts";
import { disruptionsLeft } from "../disruption.ts";
import {
  canBeReplaced,
  canBeReplacedIn,
  freeReplacements,
  needsItsZone,
  needsReplacement,
  replacementLaunches,
  runtimeEnd,
} from "../replacement.ts";
import type { Rule } from "../rule.ts";
import type { Instance, PoolView } from "../view.ts";

const WARNING_AHEAD_MS = 5 * 60_000;
/** How much longer than one warmup a node that is due waits for a replacement: enough for some launches that fail first. */
const REPLACEMENT_PATIENCE_MS = 60 * 60_000;

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

/** A node that is due, but with pods that nothing could take now. */
const awaitReplacement = (instance: Instance<"running">, view: PoolView): Action[] => {
  const { record } = instance;
  const since = record.replacementAwaitedSince ?? view.now;
  const end = since + view.spec.preWarm.timeoutMs + REPLACEMENT_PATIENCE_MS;
  if (view.now >= end) return recycle(instance, view.spec.maxNodeRuntimeMs);
  const again: Action = { kind: "requeueAt", at: end };
  if (record.replacementAwaitedSince !== undefined) return [again];
  const latest = new Date(end).toISOString();
  const message = `${record.instanceId} is due; draining it when there is standby to take its pods, at ${latest} at the latest`;
  return [
    { kind: "updateRecord", instance, set: { replacementAwaitedSince: view.now } },
    emitEvent("Normal", "ReplacementAwaited", message, instance),
    again,
  ];
};

/**
 * Without any chance of standby, the nodes of a full pool are drained one at a time: each becomes the standby for the next. Without any chance of standby
 * in the zone that its pods need, a node itself becomes the standby for them.
 */
const recycleNext = (due: readonly Instance<"running">[], whole: PoolView): Action[] => {
  const replacements = freeReplacements(whole);
  const unreplaced = canBeReplaced(whole) ? 0 : 1;
  let free = Math.max(replacements.count, unreplaced);
  const takenIn = new Map<string, number>();
  return due.flatMap((instance) => {
    const { zone } = instance.record;
    if (!needsReplacement(instance)) return recycle(instance, whole.spec.maxNodeRuntimeMs);
    if (needsItsZone(instance) && canBeReplacedIn(zone, whole)) {
      const taken = takenIn.get(zone) ?? 0;
      if (taken >= replacements.inZone(zone)) return awaitReplacement(instance, whole);
      takenIn.set(zone, taken + 1);
    }
    free -= 1;
    return free >= 0 ? recycle(instance, whole.spec.maxNodeRuntimeMs) : awaitReplacement(instance, whole);
  });
};

/**
 * Drains and stops nodes that have been running longer than `maxNodeRuntime`, with one warning ahead of time. Nodes of one burst get old together, so
 * only as many as `disruption.maxUnavailable` allows are drained at once, longest overdue first, and only as many as there is standby to take their
 * pods; each that is done, and each that becomes standby, wakes the pool for the next.
 */
export const recycleOld: Rule = ({ spec, instances, now }, whole) => {
  if (!spec.maxNodeRuntimeMs) return [];
  const byEnd = instances.running
    .map((instance) => ({ instance, end: runtimeEnd(instance, whole) }))
    .toSorted((one, other) => one.end - other.end);
  const overdue = byEnd.filter(({ end }) => now >= end).map(({ instance }) => instance);
  return [
    ...recycleNext(overdue.slice(0, disruptionsLeft(whole)), whole),
    ...byEnd.slice(overdue.length).flatMap(({ instance, end }) => warn(instance, end, now)),
  ];
};

/** Launches what will take the pods of nodes that are due, where standby cannot. */
export const launchForOld = (view: PoolView): readonly Action[] =>
  replacementLaunches(view).map(({ zone, count }) => ({
    kind: "launch",
    count,
    reason: "MaxRuntime",
    ...(zone !== undefined && { zone }),
  }));
