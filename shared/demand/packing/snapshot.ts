/** Where pods run and could run, for affinity, anti-affinity and topology spread. */
import type { KubeNode, KubePod } from "../../model/kubernetes/objects.ts";
import { isFinished } from "../../model/kubernetes/pods.ts";
import type { PodGroup } from "../pod-groups.ts";
import type { TopologyDomains } from "../topology/domains.ts";
import type { TopologyNode } from "../topology/spreads.ts";
import type { BoundPod, ClusterSnapshot } from "../topology/topology.ts";
import type { DemandView } from "../view.ts";
import { nextNode, type PackPool } from "./pack-node.ts";

/** A pod with a node, whether it runs already or not. */
interface PodOnNode {
  readonly pod: KubePod;
  readonly nodeName: string | undefined;
}

export const listBoundPods = ({ pools, context }: DemandView): readonly PodOnNode[] =>
  [
    ...pools.flatMap(({ started, opened, stopping }) =>
      [...started, ...opened, ...stopping].flatMap(({ node, pods }) =>
        pods.map((pod) => ({ pod, nodeName: node?.metadata.name })),
      ),
    ),
    ...context.pods.map((pod) => ({ pod, nodeName: pod.spec.nodeName })),
  ].filter(({ pod }) => !isFinished(pod));

/** The node as the scheduler sees it now. */
const currentNode = ({ metadata, spec }: KubeNode, domains: TopologyDomains): TopologyNode => {
  const labels = metadata.labels ?? {};
  return {
    attributes: { name: metadata.name, labels, taints: spec?.taints ?? [] },
    domains: domains.of(labels),
    exists: true,
  };
};

/** Nodes that packing works on appear as they will be once they run, all others as they are now. */
export const snapshotOf = (
  view: DemandView,
  groups: readonly PodGroup[],
  pools: readonly PackPool[],
  domains: TopologyDomains,
): ClusterSnapshot => {
  const inFlight = pools.flatMap((pool) => pool.inFlight);
  const startable = pools.flatMap(({ standby }) => standby.flatMap(({ nodes }) => nodes));
  const launches = pools.flatMap((pool) => pool.launches.flatMap((bucket) => nextNode(bucket) ?? []));
  // The nodes of a bucket have the same domains, but for their host names.
  const examples = [
    ...pools.flatMap(({ standby }) => standby.flatMap((bucket) => nextNode(bucket) ?? [])),
    ...launches,
  ];

  const nodes = new Map<string, TopologyNode>();
  for (const node of [...view.context.nodes, ...view.pools.flatMap((pool) => [...pool.nodes.values()])]) {
    nodes.set(node.metadata.name, currentNode(node, domains));
  }
  for (const node of [...inFlight, ...startable]) if (node.exists) nodes.set(node.attributes.name ?? "", node);

  const boundPods = listBoundPods(view).flatMap(({ pod, nodeName }): BoundPod[] => {
    const node = nodes.get(nodeName ?? "");
    return node ? [{ pod, node }] : [];
  });
  const startableNodes = new Set<TopologyNode>(startable);
  const others = [...nodes.values(), ...inFlight.filter(({ exists }) => !exists)].filter(
    (node) => !startableNodes.has(node),
  );
  return {
    groups,
    boundPods,
    nodes: others,
    startable: [...startable, ...launches],
    reachableDomains: (group, keyIndex) =>
      new Set(examples.filter((node) => node.kind.couldRun(group)).map((node) => node.domains[keyIndex] ?? -1)),
    domains,
    namespaces: view.context.namespaces,
  };
};
