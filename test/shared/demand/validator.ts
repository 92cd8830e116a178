/**
 * An independent check of plans: the simulated cluster's scheduler, which shares no code with `shared/demand`, gets the cluster as it will be
 * once the plan's nodes run, and decides whether it would bind each pod to the node it was planned for.
 */

import { defaultPod } from "../../../local/kubernetes/api-server/defaults/pod.ts";
import { matchesNodeAffinity } from "../../../local/kubernetes/objects/node-affinity.ts";
import type { NodeObject, PodObject } from "../../../local/kubernetes/objects/objects.ts";
import { untolerated } from "../../../local/kubernetes/objects/tolerations.ts";
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
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import type { DaemonSet, KubeNode, KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { TAINT } from "../../../shared/model/names.ts";
import type { Offering } from "../../../shared/model/offering.ts";

interface Assignment {
  readonly pod: KubePod;
  readonly nodeName: string;
}

const TRANSIENT_TAINTS = new Set<string>([TAINT.standby.key, TAINT.notReady.key, TAINT.shutdown.key]);

const isTransient = (key: string): boolean => TRANSIENT_TAINTS.has(key) || key.endsWith("agent-not-ready");

const runningNode = ({ metadata, spec, status }: KubeNode): KubeNode => ({
  metadata,
  spec: { taints: spec?.taints?.filter(({ key }) => !isTransient(key)) },
  status,
});

/** A node that has no object yet, with the labels of its type and zone. */
const newNode = (name: string, pool: DemandPool, offering: Offering): KubeNode => ({
  metadata: {
    name,
    labels: {
      "kubernetes.io/hostname": name,
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": pool.template.architecture ?? "",
      "node.kubernetes.io/instance-type": offering.instanceType,
      "topology.kubernetes.io/zone": offering.zone,
      ...pool.template.labels,
      ...pool.spec.template.labels,
    },
  },
  spec: { taints: [...pool.spec.template.taints, ...pool.template.taints] },
  status: { allocatable: pool.template.estimates.get(offering.instanceType) },
});

const nameOf = ({ nodeName, instanceId = "" }: InstanceRecord): string => nodeName ?? instanceId;

/** The Node objects after the plan, and the node that each pod is planned for. */
const outcome = ({ pools, context }: DemandView, plan: DemandPlan) => {
  const nodes = new Map<string, KubeNode>(context.nodes.map((node) => [node.metadata.name, node]));
  for (const pool of pools) for (const [name, node] of pool.nodes) nodes.set(name, node);
  const running = new Set<string>();
  const start = (pool: DemandPool, record: InstanceRecord): void => {
    const name = nameOf(record);
    const node = nodes.get(name);
    nodes.set(name, node ? runningNode(node) : newNode(name, pool, record));
    running.add(name);
  };
  const poolOf = (poolName: string): DemandPool => {
    const pool = pools.find(({ name }) => name === poolName);
    if (!pool) throw new Error(`the plan has nodes in ${poolName}, which does not exist`);
    return pool;
  };
  for (const pool of pools) for (const { record } of pool.started) start(pool, record);
  const assignments: Assignment[] = plan.waiting.map(({ pod, record }) => ({ pod, nodeName: nameOf(record) }));
  for (const { pool, records, pods } of plan.starts) {
    for (const [index, record] of records.entries()) {
      start(poolOf(pool), record);
      for (const pod of pods[index] ?? []) assignments.push({ pod, nodeName: nameOf(record) });
    }
  }
  for (const { pool, offering, pods } of plan.launches) {
    for (const podsOfNode of pods) {
      const nodeName = `launched-${nodes.size}`;
      nodes.set(nodeName, newNode(nodeName, poolOf(pool), offering));
      running.add(nodeName);
      for (const pod of podsOfNode) assignments.push({ pod, nodeName });
    }
  }
  return { nodes, running, assignments };
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

/** As the API server completes it: requests from limits, host ports with `hostNetwork`. */
const daemonSetPod = ({ metadata, spec: { template } }: DaemonSet, nodeName: string): KubePod => {
  const { containers, hostNetwork } = template.spec;
  const withHostPorts = containers.map((container) => ({
    ...container,
    ports: container.ports?.map((port) => ({ ...port, ...(hostNetwork && { hostPort: port.containerPort }) })),
  }));
  const pod = structuredClone({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `${metadata.name}-${nodeName}`, namespace: "kube-system" },
    spec: { ...template.spec, containers: withHostPorts },
  });
  defaultPod(pod);
  return pod;
};

const addDaemonSetPods = (state: ClusterState, { context }: DemandView, running: ReadonlySet<string>): void => {
  for (const name of running) {
    const node = state.nodes.get(name)?.node;
    for (const daemonSet of context.daemonSets) {
      const facts = factsOf(daemonSetPod(daemonSet, name), name);
      const { spec } = facts.pod;
      const isKeptOff = untolerated(node?.spec.taints, spec.tolerations, ["NoSchedule", "NoExecute"]) !== undefined;
      if (node && matchesNodeAffinity(spec, node) && !isKeptOff) state.addPod(facts);
    }
  }
};

const rejection = (state: ClusterState, pod: KubePod, node: NodeState): string | undefined => {
  const facts = factsOf(pod);
  const verdict =
    filterNode(facts, node) ?? spreadFilter(facts, state)(node) ?? podAffinityFilter(facts, state, () => ({}))(node);
  return verdict?.reasons.join(", ");
};

/** The scheduler's objections to the plan; empty if it can bind the pods one after another in the plan's order. */
export const objections = (view: DemandView, plan: DemandPlan): readonly string[] => {
  const { nodes, running, assignments } = outcome(view, plan);
  const state = clusterOf(view, nodes);
  addDaemonSetPods(state, view, running);
  const nodeOf = new Map(assignments.map(({ pod, nodeName }) => [pod, nodeName]));
  return plan.placed.flatMap((pod) => {
    const nodeName = nodeOf.get(pod) ?? "";
    const node = state.nodes.get(nodeName);
    const reason = node ? rejection(state, pod, node) : "no such node";
    state.addPod(factsOf(pod, nodeName));
    return reason === undefined ? [] : [`${pod.metadata.name} on ${nodeName}: ${reason}`];
  });
};
