/** The plan of a view in forms that fit a table. */
import { expect, it } from "vitest";
import type { Action } from "../../../shared/pool/actions.ts";
import { nodePatch } from "../../../shared/pool/desired-node.ts";
import { plan } from "../../../shared/pool/plan.ts";
import type { PoolView } from "../../../shared/pool/view.ts";
import { NOW } from "./builders.ts";

/** One short line per action. Events, metrics, requeues and plain record updates have helpers of their own. */
export const summary = (view: PoolView): string[] =>
  plan(view).flatMap((action: Action): string[] => {
    switch (action.kind) {
      case "beginTransition":
      case "completeTransition":
        return [`${action.kind} ${action.to}: ${action.reason}`];
      case "launch":
        return [`launch ${action.count}${action.zone === undefined ? "" : ` in ${action.zone}`}`];
      case "stop":
        return [action.force ? "force stop" : "stop"];
      case "evict":
      case "deletePods":
        return [`${action.kind} ${action.pods.map(({ metadata }) => metadata.name).join(" ")}`];
      case "adopt":
        return [`adopt as ${action.state}`];
      case "repeatLaunch":
        return [`repeatLaunch, or ${action.ifMissing}`];
      case "emitEvent":
      case "recordMetric":
      case "requeueAt":
      case "updateRecord":
      case "recordWarmupFailures":
        return [];
      default:
        return [action.kind];
    }
  });

/** The reasons of the events. */
export const events = (view: PoolView) =>
  plan(view).flatMap((action) => (action.kind === "emitEvent" ? [action.reason] : []));

export const eventMessages = (view: PoolView) =>
  plan(view).flatMap((action) => (action.kind === "emitEvent" ? [action.message] : []));

/** Changes of records without a transition. */
export const recordChanges = (view: PoolView) =>
  plan(view).flatMap((action) => (action.kind === "updateRecord" ? [action.set] : []));

/** In milliseconds from now. */
export const requeues = (view: PoolView) =>
  plan(view).flatMap((action) => (action.kind === "requeueAt" ? [action.at - NOW] : []));

export const metrics = (view: PoolView) =>
  plan(view).flatMap((action) => {
    if (action.kind !== "recordMetric") return [];
    const { metric, value, labels } = action;
    return [{ metric, value, ...(labels && { labels }) }];
  });

/** The merge patches that nodes receive. */
export const nodePatches = (view: PoolView) =>
  plan(view).flatMap((action) => (action.kind === "applyNode" ? [nodePatch(action.node, action.desired)] : []));

/** The numbers of consecutive warmup failures that are recorded; undefined for failures that are forgotten. */
export const failureCounts = (view: PoolView) =>
  plan(view).flatMap((action) => (action.kind === "recordWarmupFailures" ? [action.failures?.failures] : []));

/** Instances that are to be terminated, as `slot reason`. */
export const terminations = (view: PoolView) =>
  plan(view).flatMap((action) =>
    action.kind === "beginTransition" && action.to === "terminating"
      ? [`${action.instance.record.slot} ${action.reason}`]
      : [],
  );

interface Case {
  readonly name: string;
  readonly view: PoolView;
  readonly expected: readonly string[];
}

/** Runs one test per case; `expected` is the summary of the whole plan. */
export const check = (cases: readonly Case[]) => {
  it.each(cases)("$name", ({ view, expected }) => {
    expect(summary(view)).toEqual(expected);
  });
};
