import type { KubeObject, Store } from "../../api-server/store.ts";
import type { PodObject, PodTemplate } from "../../objects/objects.ts";

export interface PodChanges {
  readonly labels?: Record<string, string>;
  readonly finalizers?: string[];
  readonly spec?: Partial<PodObject["spec"]>;
}

export const ownerReference = ({ apiVersion, kind, metadata }: KubeObject) => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid ?? "",
  controller: true,
  blockOwnerDeletion: true,
});

/** Creates a pod from the owner's template. The pod's generated name starts with the owner's name. */
export const createPod = (store: Store, owner: KubeObject, template: PodTemplate, changes: PodChanges = {}): void => {
  const { labels, annotations } = template.metadata ?? {};
  store.create<KubeObject>("pods", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "",
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      labels: { ...labels, ...changes.labels },
      ...(annotations && { annotations }),
      ...(changes.finalizers && { finalizers: changes.finalizers }),
      ownerReferences: [ownerReference(owner)],
    },
    spec: { ...template.spec, ...changes.spec },
  });
};
