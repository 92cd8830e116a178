import { nextRefresh } from "../drift.ts";
import type { Rule } from "../rule.ts";

/** Launches what is to take the place of outdated standby, before that is ended. */
export const launchReplacements: Rule = (view) => {
  if (view.hasPendingPods !== false) return [];
  const { launch } = nextRefresh(view);
  return launch > 0 ? [{ kind: "launch", count: launch, reason: "Refresh" }] : [];
};
