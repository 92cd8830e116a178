import { nextRefresh } from "../drift.ts";
import type { Rule } from "../view.ts";

/** Launches what is to take the place of outdated standby, before that is ended. */
export const launchFresh: Rule = (view) => {
  if (view.podsWait !== false) return [];
  const { launch } = nextRefresh(view);
  return launch > 0 ? [{ kind: "launch", count: launch, reason: "Refresh" }] : [];
};
