/** Pods of a workload: which are whose, and how a new one is made from its template. */
import type { KubeObject, Store } from "../../../kube/store.ts";
import { conditionOf, isFinished, type PodObject, type PodSpec } from "../../objects.ts";

export interface Workload extends KubeObject {
  spec: {
    replicas?: number;
    selector?: { matchLabels?: Record<string, string> };
    template: {
      metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
      spec: PodSpec;
    };
  };
  status?: Record<string, unknown>;
}

export const isOwnedBy = (object: KubeObject, owner: KubeObject): boolean =>
  object.metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === owner.metadata.uid) ?? false;

export const ownerReference = ({ apiVersion, kind, metadata }: KubeObject) => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid ?? "",
  controller: true,
  blockOwnerDeletion: true,
});

export const isReadyPod = (pod: PodObject): boolean => conditionOf(pod, "Ready")?.status === "True";

/** Pods that count: neither leaving nor finished. */
export const livingPods = (store: Store, owner: KubeObject): PodObject[] =>
  store
    .list<PodObject>("pods", owner.metadata.namespace)
    .filter((pod) => isOwnedBy(pod, owner) && !pod.metadata.deletionTimestamp && !isFinished(pod));

export const newPod = (owner: Workload, spec: PodSpec): PodObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "",
    generateName: `${owner.metadata.name}-`,
    namespace: owner.metadata.namespace ?? "default",
    labels: { ...owner.spec.template.metadata?.labels },
    annotations: { ...owner.spec.template.metadata?.annotations },
    ownerReferences: [ownerReference(owner)],
  },
  spec,
  status: { phase: "Pending" },
});

export const replicaCounts = (pods: readonly PodObject[]) => {
  const ready = pods.filter(isReadyPod).length;
  return { replicas: pods.length, readyReplicas: ready, availableReplicas: ready };
};

export const setStatus = (
  store: Store,
  resource: string,
  { metadata }: Workload,
  status: Readonly<Record<string, unknown>>,
): void => {
  const change = (current: Workload) => {
    current.status = { ...current.status, ...status, observedGeneration: current.metadata.generation };
  };
  store.change<Workload>(resource, metadata.name, metadata.namespace, change, { status: true });
};
