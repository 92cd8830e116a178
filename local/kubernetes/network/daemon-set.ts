import type { KubeObject } from "../api-server/store.ts";
import type { Container, PodSpec } from "../objects/objects.ts";

/** A DaemonSet whose pods run on every node from its first moment, as those of network plugins and their agents do. */
export const daemonSet = (name: string, namespace: string, spec: PodSpec): KubeObject => {
  const labels = { "k8s-app": name };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
      template: {
        metadata: { labels },
        spec: {
          hostNetwork: true,
          priorityClassName: "system-node-critical",
          tolerations: [{ operator: "Exists" }],
          ...spec,
        },
      },
    },
  };
};

/** A container that is Ready `readyAfterSeconds` after it started. */
export const container = (name: string, image: string, readyAfterSeconds: number, cpu: string): Container => ({
  name,
  image,
  resources: { requests: { cpu } },
  readinessProbe: { initialDelaySeconds: readyAfterSeconds },
});
