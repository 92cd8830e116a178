/** The parts of a cluster besides the pool: agents, and storage with WaitForFirstConsumer binding. */
import type { Real } from "../stage.ts";

const CNI = { "k8s-app": "aws-node" };

/** Runs on every node and tolerates every taint, as a CNI does. */
const AGENT = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "aws-node", namespace: "kube-system" },
  spec: {
    selector: { matchLabels: CNI },
    template: {
      metadata: { labels: CNI },
      spec: {
        tolerations: [{ operator: "Exists" }],
        containers: [
          {
            name: "main",
            image: "registry.k8s.io/pause:3.10",
            resources: { requests: { cpu: "50m", memory: "64Mi" } },
          },
        ],
      },
    },
  },
};

const ZONE = { key: "topology.kubernetes.io/zone", values: ["us-east-1a"] };

/** The storage class of the guarded pod's claim. No provisioner runs here, so the volume is created in advance. */
export const ZONAL = "zonal";

const STORAGE_CLASS = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: ZONAL },
  provisioner: "kubernetes.io/no-provisioner",
  volumeBindingMode: "WaitForFirstConsumer",
  allowedTopologies: [{ matchLabelExpressions: [ZONE] }],
};

const VOLUME = {
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: ZONAL },
  spec: {
    storageClassName: ZONAL,
    capacity: { storage: "1Gi" },
    accessModes: ["ReadWriteOnce"],
    persistentVolumeReclaimPolicy: "Retain",
    hostPath: { path: "/var/lib/zonal" },
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ ...ZONE, operator: "In" }] }] } },
  },
};

export const prepareCluster = async ({ kube }: Real): Promise<void> => {
  const items = [AGENT, STORAGE_CLASS, VOLUME];
  await kube.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
};
