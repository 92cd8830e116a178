import type { PodSpec } from "../objects.ts";
import { addTo, PODS, type Resources, raiseTo, toResources } from "./resources.ts";

/**
 * What a pod takes of a node: its containers and sidecars together, or, where that is more, the init container that needs most
 * beside the sidecars started before it; and the overhead of its runtime class. Source: k8s.io/component-helpers/resource, PodRequests.
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
