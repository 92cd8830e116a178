/** What a plan comes to, in a form that a table can hold. */
import { expect, it } from "vitest";
import type { Action } from "../../../shared/pool/actions.ts";
import { plan } from "../../../shared/pool/plan.ts";
import type { PoolView } from "../../../shared/pool/view.ts";
import { NOW } from "./builders.ts";

/** What is decided, one short line an action; reports and wakes are left to the tests that are about them. */
export const summary = (view: PoolView): string[] =>
  plan(view).flatMap((action: Action): string[] => {
    switch (action.kind) {
      case "beginTransition":
      case "completeTransition":
        return [`${action.kind} ${action.to}: ${action.reason}`];
      case "launch":
        return [`launch ${action.count}`];
      case "stop":
        return [action.force ? "force stop" : "stop"];
      case "evict":
      case "deletePods":
        return [`${action.kind} ${action.pods.map(({ metadata }) => metadata.name).join(" ")}`];
      case "adopt":
        return [`adopt as ${action.state}`];
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

export const told = (view: PoolView) =>
  plan(view).flatMap((action) => (action.kind === "emitEvent" ? [action.reason] : []));
/** What is to be remembered of the instances, besides their states. */
export const notes = (view: PoolView) =>
  plan(view).flatMap((action) => (action.kind === "updateRecord" ? [action.set] : []));
export const wakes = (view: PoolView) =>
  plan(view).flatMap((action) => (action.kind === "requeueAt" ? [action.at - NOW] : []));

interface Case {
  readonly name: string;
  readonly view: PoolView;
  readonly does: readonly string[];
}

/** One test a case: the view on one side, everything that is decided on the other. */
export const check = (cases: readonly Case[]) => {
  it.each(cases)("$name", ({ view, does }) => {
    expect(summary(view)).toEqual(does);
  });
};
