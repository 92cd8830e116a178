/** Objects of built-in kinds for the suites. */
export const PODS = "/api/v1/namespaces/default/pods";
export const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
export const NODES = "/api/v1/nodes";

export const aConfigMap = (name: string, more: { readonly labels?: object; readonly finalizers?: string[] } = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...more },
  data: { a: "1" },
});

/** A pod that no scheduler handles, so that no one else writes to it. */
export const anUntouchedPod = (name: string, spec: object = {}, labels: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels },
  spec: { schedulerName: "nobody", containers: [{ name: "main", image: "nginx:1" }], ...spec },
});
