import type { KubeObject, ResourceName } from "./store.ts";

export interface Collections {
  /** The objects of a resource by key. */
  collection(resource: ResourceName): Map<string, KubeObject>;
  get(resource: ResourceName, name: string, namespace?: string): KubeObject | undefined;
  list(resource: ResourceName, namespace?: string): KubeObject[];
  /** All resources that have or had objects. */
  resources(): ResourceName[];
}

/** The store's objects by resource, then by namespace and name. */
export const createCollections = (): Collections => {
  const collections = new Map<ResourceName, Map<string, KubeObject>>();
  const collection = (resource: ResourceName) => {
    const known = collections.get(resource);
    if (known) return known;
    const created = new Map<string, KubeObject>();
    collections.set(resource, created);
    return created;
  };
  return {
    collection,
    resources: () => [...collections.keys()],
    get: (resource, name, namespace) => collection(resource).get(key(name, namespace)),
    list: (resource, namespace) => {
      const all = [...collection(resource).values()];
      return namespace ? all.filter(({ metadata }) => metadata.namespace === namespace) : all;
    },
  };
};

export const key = (name: string, namespace: string | undefined): string => (namespace ? `${namespace}/${name}` : name);
export const keyOf = ({ metadata }: KubeObject): string => key(metadata.name, metadata.namespace);
