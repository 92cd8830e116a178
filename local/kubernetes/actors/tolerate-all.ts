import type { KubeObject } from "../api-server/store.ts";

/** Tolerates the cordon and every taint, as in projectcalico/calico#6136. */
const TOLERATIONS = [
  { effect: "NoExecute", operator: "Exists" },
  { effect: "NoSchedule", operator: "Exists" },
];

/**
 * The Deployment of an operator that must run before the network does. Its pods are bound to cordoned, tainted and stopped nodes, even
 * preferably, since those are emptiest, and return to a node that drains. Sources: tigera/operator#2537, projectcalico/calico#6136,
 * kubernetes#110396, rancher/rancher#24975.
 */
export const tolerateAllDeployment = (name: string, replicas = 1): KubeObject => {
  const labels = { "k8s-app": name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          hostNetwork: true,
          tolerations: TOLERATIONS,
          containers: [{ name, image: `quay.io/tigera/${name}:v1.40.0` }],
        },
      },
    },
  };
};
