import type { Schema } from "../schema/schema.ts";
import { schemaOfField } from "../schema/schema.ts";

/** How a list is merged: item by item by `keys`, as a set of values, or replaced as a whole. */
export type ListShape =
  | { readonly type: "map"; readonly keys: readonly string[] }
  | { readonly type: "set" }
  | { readonly type: "atomic" };

/** What merging must know of a kind's fields. A path names fields only; it passes through lists without an index. */
export interface Shapes {
  list(path: readonly string[]): ListShape;
  isAtomicMap(path: readonly string[]): boolean;
}

const ATOMIC: ListShape = { type: "atomic" };
const SET: ListShape = { type: "set" };
const by = (...keys: string[]): ListShape => ({ type: "map", keys });

/** Lists of built-in kinds that are merged, by field; read from the OpenAPI documents of kube-apiserver v1.36. */
const LISTS: Readonly<Record<string, ListShape>> = {
  allocatedResourcesStatus: by("name"),
  claims: by("name"),
  conditions: by("type"),
  containers: by("name"),
  drivers: by("name"),
  env: by("name"),
  ephemeralContainers: by("name"),
  finalizers: SET,
  hostAliases: by("ip"),
  hostIPs: by("ip"),
  imagePullSecrets: by("name"),
  initContainers: by("name"),
  ownerReferences: by("uid"),
  podCIDRs: SET,
  podIPs: by("ip"),
  resourceClaimStatuses: by("name"),
  resourceClaims: by("name"),
  schedulingGates: by("name"),
  secrets: by("name"),
  topologySpreadConstraints: by("topologyKey", "whenUnsatisfiable"),
  volumeDevices: by("devicePath"),
  volumeMounts: by("mountPath"),
  volumes: by("name"),
};

/** Maps that are replaced as a whole (x-kubernetes-map-type: atomic). */
const ATOMIC_MAPS = new Set([
  "selector",
  "labelSelector",
  "namespaceSelector",
  "podSelector",
  "nodeSelector",
  "roleRef",
  "involvedObject",
  "claimRef",
  "configMapKeyRef",
  "secretKeyRef",
  "fieldRef",
  "resourceFieldRef",
  "secretRef",
  "requiredDuringSchedulingIgnoredDuringExecution",
]);

/** The shapes of built-in kinds. */
export const BUILT_IN_SHAPES: Shapes = {
  list: (path) => {
    const field = path.at(-1) ?? "";
    const parent = path.at(-2);
    if (field === "ports") {
      if (parent === "containers" || parent === "initContainers") return by("containerPort", "protocol");
      return parent === "spec" ? by("port", "protocol") : ATOMIC;
    }
    if (field === "addresses") return parent === "status" ? by("type") : ATOMIC;
    if (field === "finalizers" && parent === "spec") return ATOMIC;
    return LISTS[field] ?? ATOMIC;
  },
  isAtomicMap: (path) => ATOMIC_MAPS.has(path.at(-1) ?? ""),
};

/** The shapes that a custom resource's schema declares; its metadata is like everyone's. */
export const shapesOf = (schema: Schema): Shapes => {
  const find = (path: readonly string[]): Schema | undefined => path.reduce<Schema | undefined>(step, schema);
  return {
    list: (path) => {
      if (path[0] === "metadata") return BUILT_IN_SHAPES.list(path);
      const list = find(path);
      if (list?.["x-kubernetes-list-type"] === "map") return by(...(list["x-kubernetes-list-map-keys"] ?? []));
      return list?.["x-kubernetes-list-type"] === "set" ? SET : ATOMIC;
    },
    isAtomicMap: (path) => find(path)?.["x-kubernetes-map-type"] === "atomic",
  };
};

const step = (schema: Schema | undefined, field: string): Schema | undefined =>
  schemaOfField(schema?.items ?? schema, field);
