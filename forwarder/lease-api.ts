import type { KubeRequests } from "./kube-api.ts";
import type { LeaseApi, LeaseObject } from "./lease.ts";

/** The lease in the manifests, of which the forwarder's role may change only this one. */
export const createLeaseApi = (api: KubeRequests, namespace: string, name: string): LeaseApi => {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
  return {
    read: (signal) => api.send<LeaseObject>({ method: "GET", path }, signal),
    replace: (body, signal) => api.send<LeaseObject>({ method: "PUT", path, body }, signal),
  };
};
