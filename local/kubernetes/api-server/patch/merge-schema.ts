import type { Schema } from "../schema/schema.ts";
import { schemaOfField } from "../schema/schema.ts";

/** How a list is merged (x-kubernetes-list-type): by item with `keys`, as a set of values, or replaced as a whole. */
export type ListType =
  | { readonly type: "map"; readonly keys: readonly string[] }
  | { readonly type: "set" }
  | { readonly type: "atomic" };

/** The schema properties of a kind that merging needs. Paths consist of field names only, without list indices. */
export interface MergeSchema {
  listType(path: readonly string[]): ListType;
  isAtomicMap(path: readonly string[]): boolean;
}

const ATOMIC: ListType = { type: "atomic" };
const SET: ListType = { type: "set" };
const by = (...keys: string[]): ListType => ({ type: "map", keys });

/** Merged lists of built-in kinds by field, taken from the OpenAPI documents of kube-apiserver v1.36. */
const LISTS: Readonly<Record<string, ListType>> = {
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

/** The merge schema of built-in kinds. */
export const BUILT_IN_MERGE_SCHEMA: MergeSchema = {
  listType: (path) => {
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

/** The merge schema that a custom resource's schema declares. Metadata is merged as in built-in kinds. */
export const mergeSchemaOf = (schema: Schema): MergeSchema => {
  const find = (path: readonly string[]): Schema | undefined => path.reduce<Schema | undefined>(step, schema);
  return {
    listType: (path) => {
      if (path[0] === "metadata") return BUILT_IN_MERGE_SCHEMA.listType(path);
      const list = find(path);
      if (list?.["x-kubernetes-list-type"] === "map") return by(...(list["x-kubernetes-list-map-keys"] ?? []));
      return list?.["x-kubernetes-list-type"] === "set" ? SET : ATOMIC;
    },
    isAtomicMap: (path) => find(path)?.["x-kubernetes-map-type"] === "atomic",
  };
};

const step = (schema: Schema | undefined, field: string): Schema | undefined =>
  schemaOfField(schema?.items ?? schema, field);
