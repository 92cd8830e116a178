import type { PodSpec } from "../objects/objects.ts";
import { addTo, PODS, type Resources, raiseTo, toResources } from "./resources.ts";

/**
 * A pod's resource requests. Per resource, the larger of two values: the sum over containers and sidecars, or the largest init
 * container plus the sidecars started before it. The overhead of the runtime class is added. Source:
 * k8s.io/component-helpers/resource, PodRequests.
 */
export const podRequest = ({ containers, initContainers = [], overhead }: PodSpec): Resources => {
  const total = new Map<string, number>();
  for (const { resources } of containers) addTo(total, toResources(resources?.requests));
  const sidecars = new Map<string, number>();
  const starting = new Map<string, number>();
  for (const { resources, restartPolicy } of initContainers) {
    const request = toResources(resources?.requests);
    if (restartPolicy === "Always") {
      addTo(total, request);
      addTo(sidecars, request);
      raiseTo(starting, sidecars);
    } else {
      addTo(request, sidecars);
      raiseTo(starting, request);
    }
  }
  raiseTo(total, starting);
  addTo(total, toResources(overhead));
  return total.set(PODS, 1);
};
