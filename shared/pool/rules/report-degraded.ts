import { type Action, emitEvent } from "../actions.ts";
import { type DegradedReason, degradationOf } from "../status.ts";
import type { PoolView } from "../view.ts";

/** What no other event reports. */
const REPORTED: readonly DegradedReason[] = ["NodeClassNotFound", "ValidationFailed", "AtCapacity"];

/** Reports in an event, once, what the condition Degraded then keeps saying. */
export const reportDegraded = (view: PoolView): readonly Action[] => {
  const found = degradationOf(view);
  if (!found || !REPORTED.includes(found.reason)) return [];
  const isKnown = view.conditions.some(
    ({ type, status, reason }) => type === "Degraded" && status === "True" && reason === found.reason,
  );
  return isKnown ? [] : [emitEvent("Warning", found.reason, found.message)];
};
