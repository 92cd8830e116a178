import type { Store } from "../../../kube/store.ts";
import { isReadyPod, livingPods, newPod, replicaCounts, setStatus, type Workload } from "./owned-pods.ts";

/** Makes or removes pods until there are as many as wanted; those that do not run yet go first, as the real controller ranks them. */
export const syncReplicaSet = (store: Store, set: Workload): void => {
  if (set.metadata.deletionTimestamp) return;
  const pods = livingPods(store, set);
  const wanted = set.spec.replicas ?? 1;
  for (let missing = wanted - pods.length; missing > 0; missing -= 1) {
    store.create("pods", newPod(set, structuredClone(set.spec.template.spec)));
  }
  const ranked = pods.toSorted((one, other) => Number(isReadyPod(one)) - Number(isReadyPod(other)));
  for (const { metadata } of ranked.slice(0, Math.max(0, pods.length - wanted))) {
    store.remove("pods", metadata.name, metadata.namespace);
  }
  const left = livingPods(store, set);
  setStatus(store, "replicasets.apps", set, { ...replicaCounts(left), fullyLabeledReplicas: left.length });
};
