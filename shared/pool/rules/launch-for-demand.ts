import { openLaunches } from "../open-launch-request.ts";
import type { Rule } from "../rule.ts";
import { livingOrphans } from "../view.ts";
import { launchBackoffUntil } from "../warmup-backoff.ts";

/** Launches what demand asks for beyond standby. A request that is answered already is taken note of, so that it goes. */
export const launchForDemand: Rule = (view) => {
  const { request, deleting, nodeClass, now } = view;
  if (!request || deleting || nodeClass.kind !== "ready" || livingOrphans(view).length > 0) return [];
  if (now < launchBackoffUntil(view)) return [];
  return [{ kind: "fulfilLaunchRequest", request: request.id, launches: openLaunches(view) }];
};
