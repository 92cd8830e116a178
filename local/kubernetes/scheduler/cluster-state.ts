import type { NodeObject } from "../objects/objects.ts";
import type { PodFacts } from "./pod-facts.ts";
import { addTo, type Resources, toResources } from "./resources.ts";

/** A node with its pods and the sum of their requests. */
export interface NodeState {
  readonly node: NodeObject;
  readonly allocatable: Resources;
  readonly requested: Resources;
  readonly pods: ReadonlyMap<string, PodFacts>;
}

interface Load {
  readonly requested: Map<string, number>;
  readonly pods: Map<string, PodFacts>;
}

/** The scheduler's cache of the cluster, updated incrementally. */
export interface ClusterState {
  readonly nodes: ReadonlyMap<string, NodeState>;
  /** Scheduled pods with required anti-affinity, which exclude other pods from their domains. */
  readonly podsWithAntiAffinity: ReadonlyMap<string, PodFacts>;
  setNode(node: NodeObject): NodeState;
  removeNode(name: string): void;
  /** Also accepts a pod whose node is unknown so far. */
  addPod(facts: PodFacts): void;
  /** Returns the name of the node that the pod was on, if any. */
  removePod(key: string): string | undefined;
}

export const createClusterState = (): ClusterState => {
  const nodes = new Map<string, NodeState>();
  const loads = new Map<string, Load>();
  const scheduled = new Map<string, PodFacts>();
  const podsWithAntiAffinity = new Map<string, PodFacts>();

  const loadOf = (name: string): Load => {
    const known = loads.get(name);
    if (known) return known;
    const load: Load = { requested: new Map(), pods: new Map() };
    loads.set(name, load);
    return load;
  };

  const removePod = (key: string): string | undefined => {
    const facts = scheduled.get(key);
    const name = facts?.pod.spec.nodeName;
    if (!facts || name === undefined) return undefined;
    scheduled.delete(key);
    podsWithAntiAffinity.delete(key);
    const load = loadOf(name);
    load.pods.delete(key);
    addTo(load.requested, facts.request, -1);
    if (load.pods.size === 0 && !nodes.has(name)) loads.delete(name);
    return name;
  };

  return {
    nodes,
    podsWithAntiAffinity,
    removePod,
    setNode: (node) => {
      const { name } = node.metadata;
      const state = { node, allocatable: toResources(node.status.allocatable), ...loadOf(name) };
      nodes.set(name, state);
      return state;
    },
    removeNode: (name) => {
      nodes.delete(name);
      if (loads.get(name)?.pods.size === 0) loads.delete(name);
    },
    addPod: (facts) => {
      removePod(facts.key);
      const name = facts.pod.spec.nodeName;
      if (name === undefined) return;
      scheduled.set(facts.key, facts);
      if (facts.antiAffinity.length > 0) podsWithAntiAffinity.set(facts.key, facts);
      const load = loadOf(name);
      load.pods.set(facts.key, facts);
      addTo(load.requested, facts.request);
    },
  };
};
