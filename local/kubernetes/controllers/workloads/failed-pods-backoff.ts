import type { Clock } from "../../../clock.ts";
import { controllerOf, type PodObject } from "../../objects/objects.ts";
import { targetNode } from "./daemon-pod.ts";

/** Source: kubernetes, pkg/controller/daemon/daemon_controller.go, failedPodsBackoff. */
const FIRST_MS = 1_000;
const MAX_MS = 15 * 60_000;

/** How long the DaemonSet controller leaves a finished pod before it replaces it: longer with each one of a DaemonSet on a node. */
export const createFailedPodsBackoff = (clock: Pick<Clock, "now">) => {
  const backoffs = new Map<string, { readonly ms: number; readonly at: number }>();
  return {
    waitMs: (pod: PodObject): number => {
      const key = `${controllerOf(pod)?.uid} ${targetNode(pod)}`;
      const now = clock.now();
      const last = backoffs.get(key);
      if (last && now < last.at + last.ms) return last.at + last.ms - now;
      const isForgotten = !last || now > last.at + 2 * MAX_MS;
      backoffs.set(key, { ms: isForgotten ? FIRST_MS : Math.min(last.ms * 2, MAX_MS), at: now });
      return 0;
    },
  };
};
