import type { KubeObject, ResourceName } from "./store.ts";

export interface Collections {
  /** The objects of a resource by their key. */
  shelf(resource: ResourceName): Map<string, KubeObject>;
  get(resource: ResourceName, name: string, namespace?: string): KubeObject | undefined;
  list(resource: ResourceName, namespace?: string): KubeObject[];
  /** Resources that hold or held an object. */
  resources(): ResourceName[];
}

/** Where the store keeps its objects: by resource, then by namespace and name. */
export const createCollections = (): Collections => {
  const shelves = new Map<ResourceName, Map<string, KubeObject>>();
  const shelf = (resource: ResourceName) => {
    const known = shelves.get(resource);
    if (known) return known;
    const created = new Map<string, KubeObject>();
    shelves.set(resource, created);
    return created;
  };
  return {
    shelf,
    resources: () => [...shelves.keys()],
    get: (resource, name, namespace) => shelf(resource).get(key(name, namespace)),
    list: (resource, namespace) => {
      const all = [...shelf(resource).values()];
      return namespace ? all.filter(({ metadata }) => metadata.namespace === namespace) : all;
    },
  };
};

export const key = (name: string, namespace: string | undefined): string => (namespace ? `${namespace}/${name}` : name);
export const keyOf = ({ metadata }: KubeObject): string => key(metadata.name, metadata.namespace);
