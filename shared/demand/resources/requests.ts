import type { Container, PodSpec } from "../../kube/objects.ts";
import { type PodRequest, podRequest } from "./pod-request.ts";

const containerKey = ({ resources, restartPolicy }: Container) => [resources?.requests, restartPolicy];

/** Works out each request once: bound pods are many, and most are alike. */
export const createRequests = (): ((spec: PodSpec) => PodRequest) => {
  const known = new Map<string, PodRequest>();
  return (spec) => {
    const { containers, initContainers, resources, overhead } = spec;
    const key = JSON.stringify([
      containers.map(containerKey),
      initContainers?.map(containerKey),
      resources?.requests,
      overhead,
    ]);
    const request = known.get(key) ?? podRequest(spec);
    known.set(key, request);
    return request;
  };
};
