/** Where pods are and could be, for those that look at others. */
import type { KubeNode, KubePod } from "../../model/kubernetes/objects.ts";
import { isFinished } from "../../model/kubernetes/pods.ts";
import type { PodGroup } from "../pod-groups.ts";
import type { TopologyDomains } from "../topology/domains.ts";
import type { PlacedNode } from "../topology/spreads.ts";
import type { BoundPod, ClusterSnapshot } from "../topology/topology.ts";
import type { DemandView } from "../view.ts";
import { nextNode, type PackPool } from "./pack-node.ts";

/** A pod that runs, or will on the node that it is bound to. */
interface PodOnNode {
  readonly pod: KubePod;
  readonly nodeName: string | undefined;
}

export const boundPods = ({ pools, context }: DemandView): readonly PodOnNode[] =>
  [
    ...pools.flatMap(({ started, stopping }) =>
      [...started, ...stopping].flatMap(({ node, pods }) =>
        pods.map((pod) => ({ pod, nodeName: node?.metadata.name })),
      ),
    ),
    ...context.pods.map((pod) => ({ pod, nodeName: pod.spec.nodeName })),
  ].filter(({ pod }) => !isFinished(pod));

/** As the scheduler sees it now. */
const asItIs = ({ metadata, spec }: KubeNode, domains: TopologyDomains): PlacedNode => {
  const labels = metadata.labels ?? {};
  return {
    attributes: { name: metadata.name, labels, taints: spec?.taints ?? [] },
    domains: domains.of(labels),
    exists: true,
  };
};

/** The nodes that packing works on look as they will be; all others as they are. */
export const snapshotOf = (
  view: DemandView,
  groups: readonly PodGroup[],
  pools: readonly PackPool[],
  domains: TopologyDomains,
): ClusterSnapshot => {
  const inFlight = pools.flatMap((pool) => pool.inFlight);
  const startable = pools.flatMap(({ standby }) => standby.flatMap(({ nodes }) => nodes));
  const launches = pools.flatMap((pool) => pool.launches.flatMap((bucket) => nextNode(bucket) ?? []));

  const nodes = new Map<string, PlacedNode>();
  for (const node of [...view.context.nodes, ...view.pools.flatMap((pool) => [...pool.nodes.values()])]) {
    nodes.set(node.metadata.name, asItIs(node, domains));
  }
  for (const node of [...inFlight, ...startable]) if (node.exists) nodes.set(node.attributes.name ?? "", node);

  const bound = boundPods(view).flatMap(({ pod, nodeName }): BoundPod[] => {
    const node = nodes.get(nodeName ?? "");
    return node ? [{ pod, node }] : [];
  });
  const isStartable = new Set<PlacedNode>(startable);
  const others = [...nodes.values(), ...inFlight.filter(({ exists }) => !exists)].filter(
    (node) => !isStartable.has(node),
  );
  return {
    groups,
    bound,
    nodes: others,
    startable: [...startable, ...launches],
    domains,
    namespaces: view.context.namespaces,
  };
};
