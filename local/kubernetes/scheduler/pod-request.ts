import type { PodSpec } from "../objects/objects.ts";
import { addTo, PODS, type Resources, raiseTo, toResources } from "./resources.ts";

/** Any other resource in the pod's own requests counts for nothing. */
const POD_LEVEL = /^(?:cpu|memory|hugepages-.*)$/;

/**
 * A pod's resource requests. Per resource, the larger of two values: the sum over containers and sidecars, or the largest init
 * container plus the sidecars started before it. What the pod requests as a whole replaces them. The overhead of the runtime class is added.
 * Source: k8s.io/component-helpers/resource, PodRequests; pod-level requests count by default since Kubernetes 1.34 (KEP-2837).
 */
export const podRequest = ({ containers, initContainers = [], resources: ofPod, overhead }: PodSpec): Resources => {
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
  for (const [name, amount] of toResources(ofPod?.requests)) if (POD_LEVEL.test(name)) total.set(name, amount);
  addTo(total, toResources(overhead));
  return total.set(PODS, 1);
};
