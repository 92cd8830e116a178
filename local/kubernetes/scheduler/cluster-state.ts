import type { NodeObject } from "../objects.ts";
import type { PodFacts } from "./pod-facts.ts";
import { addTo, type Resources, toResources } from "./resources.ts";

/** A node with the pods on it and what they take. */
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

/** The scheduler's own picture of the cluster, kept current by single steps. */
export interface ClusterState {
  readonly nodes: ReadonlyMap<string, NodeState>;
  /** Placed pods with required anti-affinity, which keep others from coming near. */
  readonly guarded: ReadonlyMap<string, PodFacts>;
  setNode(node: NodeObject): NodeState;
  removeNode(name: string): void;
  /** Also for a pod whose node is not known, or not yet. */
  place(facts: PodFacts): void;
  /** Names the node it was on, if it was on one. */
  unplace(key: string): string | undefined;
}

export const createClusterState = (): ClusterState => {
  const nodes = new Map<string, NodeState>();
  const loads = new Map<string, Load>();
  const placed = new Map<string, PodFacts>();
  const guarded = new Map<string, PodFacts>();

  const loadOf = (name: string): Load => {
    const known = loads.get(name);
    if (known) return known;
    const load: Load = { requested: new Map(), pods: new Map() };
    loads.set(name, load);
    return load;
  };

  const unplace = (key: string): string | undefined => {
    const facts = placed.get(key);
    const name = facts?.pod.spec.nodeName;
    if (!facts || name === undefined) return undefined;
    placed.delete(key);
    guarded.delete(key);
    const load = loadOf(name);
    load.pods.delete(key);
    addTo(load.requested, facts.request, -1);
    if (load.pods.size === 0 && !nodes.has(name)) loads.delete(name);
    return name;
  };

  return {
    nodes,
    guarded,
    unplace,
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
    place: (facts) => {
      unplace(facts.key);
      const name = facts.pod.spec.nodeName;
      if (name === undefined) return;
      placed.set(facts.key, facts);
      if (facts.antiAffinity.length > 0) guarded.set(facts.key, facts);
      const load = loadOf(name);
      load.pods.set(facts.key, facts);
      addTo(load.requested, facts.request);
    },
  };
};
