import type { KubeObject, Store } from "./store.ts";

const RBAC = "rbac.authorization.k8s.io";

/** Creates the objects that every new cluster has. */
export const createBootstrapObjects = (store: Store): void => {
  for (const name of ["default", "kube-system", "kube-public", "kube-node-lease"]) {
    store.create("namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  store.create("services", {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kubernetes", namespace: "default", labels: { component: "apiserver", provider: "kubernetes" } },
    spec: { clusterIP: "10.100.0.1", ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: 443 }] },
  });
  for (const [name, value] of Object.entries({ "system-cluster-critical": 2e9, "system-node-critical": 2e9 + 1000 })) {
    store.create("priorityclasses.scheduling.k8s.io", {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name },
      value,
    });
  }
  addRole(store, "cluster-admin", [
    { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
    { nonResourceURLs: ["*"], verbs: ["*"] },
  ]);
  bind(store, "cluster-admin", "system:masters");
  addRole(store, "system:discovery", [
    { nonResourceURLs: ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", "/version"], verbs: ["get"] },
    { nonResourceURLs: ["/healthz", "/livez", "/readyz"], verbs: ["get"] },
  ]);
  bind(store, "system:discovery", "system:authenticated");
  addRole(store, "system:public-info-viewer", [
    { nonResourceURLs: ["/healthz", "/livez", "/readyz", "/version"], verbs: ["get"] },
  ]);
  bind(store, "system:public-info-viewer", "system:authenticated", "system:unauthenticated");
  addRole(store, "system:basic-user", [
    {
      apiGroups: ["authentication.k8s.io", "authorization.k8s.io"],
      resources: ["selfsubjectreviews", "selfsubjectaccessreviews"],
      verbs: ["create"],
    },
  ]);
  bind(store, "system:basic-user", "system:authenticated");
};

const object = (kind: string, name: string, more: object): KubeObject => ({
  apiVersion: `${RBAC}/v1`,
  kind,
  metadata: { name, labels: { "kubernetes.io/bootstrapping": "rbac-defaults" } },
  ...more,
});

const addRole = (store: Store, name: string, rules: object[]): void => {
  store.create(`clusterroles.${RBAC}`, object("ClusterRole", name, { rules }));
};

const bind = (store: Store, role: string, ...groups: string[]): void => {
  const roleRef = { apiGroup: RBAC, kind: "ClusterRole", name: role };
  const subjects = groups.map((name) => ({ apiGroup: RBAC, kind: "Group", name }));
  store.create(`clusterrolebindings.${RBAC}`, object("ClusterRoleBinding", role, { roleRef, subjects }));
};
