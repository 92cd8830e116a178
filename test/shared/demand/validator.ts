/**
 * An independent check of plans: the simulated cluster's scheduler, which shares no code with `shared/demand`, gets the cluster as it will be
 * once the plan's nodes run, and decides whether it would bind each pod to the node it was planned for.
 */
import type { NodeObject, PodObject } from "../../../local/kubernetes/objects/objects.ts";
import {
  type ClusterState,
  createClusterState,
  type NodeState,
} from "../../../local/kubernetes/scheduler/cluster-state.ts";
import { filterNode } from "../../../local/kubernetes/scheduler/node-filters.ts";
import { podAffinityFilter } from "../../../local/kubernetes/scheduler/pod-affinity.ts";
import { type PodFacts, readPod } from "../../../local/kubernetes/scheduler/pod-facts.ts";
import { spreadFilter } from "../../../local/kubernetes/scheduler/spread.ts";
import type { DemandPlan } from "../../../shared/demand/plan.ts";
import type { DemandPool, DemandView } from "../../../shared/demand/view.ts";
import type { KubeNode, KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { TAINT } from "../../../shared/model/names.ts";

interface Assignment {
  readonly pod: KubePod;
  readonly nodeName: string;
}

const TRANSIENT_TAINTS = new Set<string>([TAINT.standby.key, TAINT.notReady.key, TAINT.shutdown.key]);

const runningNode = ({ metadata, spec, status }: KubeNode): KubeNode => ({
  metadata,
  spec: { taints: spec?.taints?.filter(({ key }) => !TRANSIENT_TAINTS.has(key)) },
  status,
});

/** A launched node with the labels of its offering. */
const launchedNode = (
  name: string,
  pool: DemandPool,
  offering: DemandPlan["launches"][number]["offering"],
): KubeNode => ({
  metadata: {
    name,
    labels: {
      "kubernetes.io/hostname": name,
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": pool.template.architecture ?? "",
      "node.kubernetes.io/instance-type": offering.instanceType,
      "topology.kubernetes.io/zone": offering.zone,
      ...pool.spec.template.labels,
    },
  },
  spec: { taints: pool.spec.template.taints },
  status: { allocatable: pool.template.estimates.get(offering.instanceType) },
});

/** The Node objects after the plan, and the node that each pod is planned for. */
const outcome = ({ pools, context }: DemandView, plan: DemandPlan) => {
  const nodes = new Map<string, KubeNode>(context.nodes.map((node) => [node.metadata.name, node]));
  for (const pool of pools) for (const [name, node] of pool.nodes) nodes.set(name, node);
  const start = (name: string): void => {
    const node = nodes.get(name);
    if (node) nodes.set(name, runningNode(node));
  };
  for (const { started } of pools) for (const { record } of started) start(record.nodeName ?? "");
  const assignments: Assignment[] = plan.waiting.map(({ pod, record }) => ({ pod, nodeName: record.nodeName ?? "" }));
  for (const { records, pods } of plan.starts) {
    for (const [index, { nodeName = "" }] of records.entries()) {
      start(nodeName);
      for (const pod of pods[index] ?? []) assignments.push({ pod, nodeName });
    }
  }
  for (const { pool: poolName, offering, pods } of plan.launches) {
    const pool = pools.find(({ name }) => name === poolName);
    if (!pool) throw new Error(`the plan launches in ${poolName}, which does not exist`);
    for (const podsOfNode of pods) {
      const nodeName = `launched-${nodes.size}`;
      nodes.set(nodeName, launchedNode(nodeName, pool, offering));
      for (const pod of podsOfNode) assignments.push({ pod, nodeName });
    }
  }
  return { nodes, assignments };
};

const factsOf = (pod: KubePod, nodeName?: string): PodFacts => {
  const copy = structuredClone(pod) as unknown as PodObject;
  if (nodeName !== undefined) copy.spec.nodeName = nodeName;
  return readPod(copy);
};

const clusterOf = (view: DemandView, nodes: ReadonlyMap<string, KubeNode>): ClusterState => {
  const state = createClusterState();
  for (const node of nodes.values()) state.setNode(structuredClone(node) as unknown as NodeObject);
  const boundPods = view.pools.flatMap(({ started }) => started.flatMap(({ pods }) => pods));
  for (const pod of [...boundPods, ...view.context.pods]) state.addPod(factsOf(pod));
  return state;
};

const rejection = (state: ClusterState, pod: KubePod, node: NodeState): string | undefined => {
  const facts = factsOf(pod);
  const verdict =
    filterNode(facts, node) ?? spreadFilter(facts, state)(node) ?? podAffinityFilter(facts, state, () => ({}))(node);
  return verdict?.reasons.join(", ");
};

/** The scheduler's objections to the plan; empty if it can bind the pods one after another in the plan's order. */
export const objections = (view: DemandView, plan: DemandPlan): readonly string[] => {
  const { nodes, assignments } = outcome(view, plan);
  const state = clusterOf(view, nodes);
  const nodeOf = new Map(assignments.map(({ pod, nodeName }) => [pod, nodeName]));
  return plan.placed.flatMap((pod) => {
    const nodeName = nodeOf.get(pod) ?? "";
    const node = state.nodes.get(nodeName);
    const reason = node ? rejection(state, pod, node) : "no such node";
    state.addPod(factsOf(pod, nodeName));
    return reason === undefined ? [] : [`${pod.metadata.name} on ${nodeName}: ${reason}`];
  });
};
