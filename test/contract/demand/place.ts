/**
 * Many random clusters share an API server and a scheduler. Each has a place of its own there: names, zones, namespaces, and a label and a taint of its
 * nodes that its pods select and tolerate, so that to its pods and to the planner there is nothing else. The label would be enough, but the scheduler
 * would try all pending pods again whenever a node opens anywhere; those that do not tolerate the node are left alone.
 */
import type { KubeClient } from "../../../shared/kube/client.ts";
import { paths } from "../../../shared/kube/paths.ts";
import type { Labels, ObjectMeta } from "../../../shared/model/kubernetes/objects.ts";
import type { SpreadConstraint } from "../../../shared/model/kubernetes/scheduling.ts";

export interface Place {
  /** Its objects' names begin with it. */
  readonly name: string;
  /** Of all its objects, with the value `true`. */
  readonly label: string;
  readonly zones: readonly string[];
  /** The namespaces of its pods, with their labels. */
  readonly namespaces: Readonly<Record<string, Labels>>;
  /** The namespace of its DaemonSets. */
  readonly system: string;
}

export const placeAt = (index: number): Place => {
  const name = `c${index}`;
  const tenants = ["one", "two"].map((tenant) => `${tenant}-${name}`);
  return {
    name,
    label: `example.com/${name}`,
    zones: ["a", "b", "c"].map((zone) => `us-east-${index}${zone}`),
    namespaces: Object.fromEntries(tenants.map((tenant) => [tenant, { tenant }])),
    system: `system-${name}`,
  };
};

export const namespacesOf = ({ namespaces, system }: Place): Readonly<Record<string, Labels>> => ({
  ...namespaces,
  [system]: {},
});

/** The label, as part of a selector or of an object. */
export const only = ({ label }: Place): Labels => ({ [label]: "true" });

/** Of all nodes of the place; tolerated by all its pods. */
export const ownTaint = ({ label }: Place) => ({ key: label, effect: "NoSchedule" }) as const;

/** Keeps the nodes of other clusters from being counted by the constraints of the same pod: they lack its topology key. */
export const ownNodesOnly = ({ label }: Place): SpreadConstraint => ({
  topologyKey: label,
  maxSkew: 1000,
  whenUnsatisfiable: "DoNotSchedule",
});

/** Collections whose objects all clusters share. */
const SHARED: ReadonlySet<string> = new Set([paths.namespaces(), paths.storageClasses(), paths.csiDrivers()]);

/** Creates objects with the place's label, and lists only these. */
export const clientIn = (kube: KubeClient, place: Place): KubeClient => ({
  ...kube,
  list: (path, options = {}, project) => {
    const labelSelector = options.labelSelector ? `${options.labelSelector},${place.label}` : place.label;
    return kube.list(path, SHARED.has(path) ? options : { ...options, labelSelector }, project);
  },
  create: (path, body) => {
    const { metadata, ...object } = body as { metadata: ObjectMeta };
    return kube.create(path, { ...object, metadata: { ...metadata, labels: { ...metadata.labels, ...only(place) } } });
  },
});
