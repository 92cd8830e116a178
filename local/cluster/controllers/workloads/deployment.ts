import { createHash } from "node:crypto";
import type { Store } from "../../../kube/store.ts";
import { isOwnedBy, livingPods, ownerReference, replicaCounts, setStatus, type Workload } from "./owned-pods.ts";

const SETS = "replicasets.apps";

const createSet = (store: Store, deployment: Workload, name: string, hash: string, replicas: number) => {
  const { template } = deployment.spec;
  const labels = { ...template.metadata?.labels, "pod-template-hash": hash };
  store.create(SETS, {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name,
      namespace: deployment.metadata.namespace,
      labels,
      ownerReferences: [ownerReference(deployment)],
    },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { ...structuredClone(template), metadata: { ...template.metadata, labels } },
    },
  });
};

/** One ReplicaSet for the present template, scaled as the deployment says; those of older templates go to zero at once. */
export const syncDeployment = (store: Store, deployment: Workload): void => {
  if (deployment.metadata.deletionTimestamp) return;
  const { name, namespace } = deployment.metadata;
  const hash = createHash("sha256").update(JSON.stringify(deployment.spec.template)).digest("hex").slice(0, 10);
  const current = `${name}-${hash}`;
  const replicas = deployment.spec.replicas ?? 1;
  if (!store.get(SETS, current, namespace)) createSet(store, deployment, current, hash, replicas);
  const sets = store.list<Workload>(SETS, namespace).filter((set) => isOwnedBy(set, deployment));
  for (const set of sets) {
    store.change<Workload>(SETS, set.metadata.name, namespace, ({ spec }) => {
      spec.replicas = set.metadata.name === current ? replicas : 0;
    });
  }
  const counts = replicaCounts(sets.flatMap((set) => livingPods(store, set)));
  setStatus(store, "deployments.apps", deployment, {
    ...counts,
    updatedReplicas: counts.replicas,
    unavailableReplicas: Math.max(0, replicas - counts.availableReplicas) || undefined,
  });
};
