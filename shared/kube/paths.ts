/** The Kubernetes API paths that Stratos uses. */
import { API_GROUP, API_VERSION } from "../model/names.ts";

const CORE = "/api/v1";
const STORAGE = "/apis/storage.k8s.io/v1";
const DEVICES = "/apis/resource.k8s.io/v1";
const STRATOS = `/apis/${API_GROUP}/${API_VERSION}`;

const named = (collection: string, name: string) => `${collection}/${encodeURIComponent(name)}`;
const namespaced = (namespace: string, resource: string, group: string = CORE) =>
  `${named(`${group}/namespaces`, namespace)}/${resource}`;

export const paths = {
  nodes: () => `${CORE}/nodes`,
  node: (name: string) => named(`${CORE}/nodes`, name),
  /** Pods of all namespaces. */
  pods: () => `${CORE}/pods`,
  podsIn: (namespace: string) => namespaced(namespace, "pods"),
  pod: (namespace: string, name: string) => named(namespaced(namespace, "pods"), name),
  eviction: (namespace: string, name: string) => `${named(namespaced(namespace, "pods"), name)}/eviction`,
  events: (namespace: string) => namespaced(namespace, "events"),
  event: (namespace: string, name: string) => named(namespaced(namespace, "events"), name),
  daemonSets: () => "/apis/apps/v1/daemonsets",
  namespaces: () => `${CORE}/namespaces`,
  claimsIn: (namespace: string) => namespaced(namespace, "persistentvolumeclaims"),
  persistentVolumes: () => `${CORE}/persistentvolumes`,
  volumeAttachments: () => `${STORAGE}/volumeattachments`,
  storageClasses: () => `${STORAGE}/storageclasses`,
  csiNodes: () => `${STORAGE}/csinodes`,
  csiDrivers: () => `${STORAGE}/csidrivers`,
  storageCapacities: () => `${STORAGE}/csistoragecapacities`,
  deviceClasses: () => `${DEVICES}/deviceclasses`,
  resourceClaimsIn: (namespace: string) => namespaced(namespace, "resourceclaims", DEVICES),
  nodePools: () => `${STRATOS}/nodepools`,
  nodePool: (name: string) => named(`${STRATOS}/nodepools`, name),
  nodePoolStatus: (name: string) => `${named(`${STRATOS}/nodepools`, name)}/status`,
  nodeClasses: () => `${STRATOS}/awsnodeclasses`,
  nodeClass: (name: string) => named(`${STRATOS}/awsnodeclasses`, name),
  nodeClassStatus: (name: string) => `${named(`${STRATOS}/awsnodeclasses`, name)}/status`,
} as const;
