import type { Action } from "../actions.ts";
import { openLaunches } from "../open-launch-request.ts";
import { livingOrphans, type PoolView } from "../view.ts";
import { launchBackoffUntil } from "../warmup-backoff.ts";

/** Fulfils the launch request of demand. A request of which nothing is left to launch is taken too, which removes it. */
export const launchForDemand = (view: PoolView): readonly Action[] => {
  const { request, deleting, nodeClass, now } = view;
  if (!request || deleting || nodeClass.kind !== "ready" || livingOrphans(view).length > 0) return [];
  if (now < launchBackoffUntil(view)) return [];
  return [{ kind: "fulfilLaunchRequest", request: request.id, launches: openLaunches(view) }];
};
