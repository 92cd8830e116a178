import { expect, it } from "vitest";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { leanPod } from "../../../shared/reconcilers/lean-pod.ts";

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace: "default", labels: { app: "a" }, managedFields: [{ manager: "kubectl" }] },
  spec: {
    nodeSelector: { zone: "a" },
    dnsPolicy: "ClusterFirst",
    containers: [{ name: "main", resources: { requests: { cpu: "1" } }, env: [{ name: "A" }], livenessProbe: {} }],
    initContainers: [{ name: "init", restartPolicy: "Always", volumeMounts: [] }],
    volumes: [
      { name: "config", configMap: { name: "c" } },
      { name: "data", persistentVolumeClaim: { claimName: "d" } },
    ],
  },
  status: { phase: "Pending", hostIP: "10.0.0.1", conditions: [{ type: "PodScheduled", status: "False" }] },
};

it("a pod keeps what the scheduler and Stratos decide on, and nothing else", () => {
  expect(leanPod(pod as KubePod)).toEqual({
    metadata: { name: "p", namespace: "default", labels: { app: "a" } },
    spec: {
      nodeSelector: { zone: "a" },
      containers: [{ name: "main", resources: { requests: { cpu: "1" } } }],
      initContainers: [{ name: "init", restartPolicy: "Always" }],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "d" } }],
    },
    status: { phase: "Pending", conditions: [{ type: "PodScheduled", status: "False" }] },
  });
});

it("a pod without status or volumes stays without them", () => {
  const bare = { metadata: { name: "p" }, spec: { containers: [] } };
  expect(leanPod(bare)).toEqual(bare);
});
