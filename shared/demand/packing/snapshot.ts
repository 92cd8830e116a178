/** Where pods are and could be, for those that look at others. */
import type { KubeNode, KubePod } from "../../model/kubernetes/objects.ts";
import { isFinished } from "../../model/kubernetes/pods.ts";
import type { PodClass } from "../pod-groups.ts";
import type { Places } from "../topology/domains.ts";
import type { PlacedNode } from "../topology/spreads.ts";
import type { BoundPod, Scene } from "../topology/topology.ts";
import type { DemandView } from "../view.ts";
import { nextNode, type PackPool } from "./pack-node.ts";

/** A pod that runs, or will on the node that it is bound to. */
interface PodOnNode {
  readonly pod: KubePod;
  readonly nodeName: string | undefined;
}

export const boundPods = ({ pools, around }: DemandView): readonly PodOnNode[] =>
  [
    ...pools.flatMap(({ started, stopping }) =>
      [...started, ...stopping].flatMap(({ node, pods }) =>
        pods.map((pod) => ({ pod, nodeName: node?.metadata.name })),
      ),
    ),
    ...around.pods.map((pod) => ({ pod, nodeName: pod.spec.nodeName })),
  ].filter(({ pod }) => !isFinished(pod));

/** As the scheduler sees it now. */
const asItIs = ({ metadata, spec }: KubeNode, places: Places): PlacedNode => {
  const labels = metadata.labels ?? {};
  return { face: { name: metadata.name, labels, taints: spec?.taints ?? [] }, places: places.of(labels), exists: true };
};

/** The nodes that packing works on look as they will be; all others as they are. */
export const sceneOf = (
  view: DemandView,
  classes: readonly PodClass[],
  pools: readonly PackPool[],
  places: Places,
): Scene => {
  const held = pools.flatMap((pool) => pool.held);
  const asleep = pools.flatMap(({ standby }) => standby.flatMap(({ nodes }) => nodes));
  const launches = pools.flatMap((pool) => pool.launches.flatMap((bucket) => nextNode(bucket) ?? []));

  const nodes = new Map<string, PlacedNode>();
  for (const node of [...view.around.nodes, ...view.pools.flatMap((pool) => [...pool.nodes.values()])]) {
    nodes.set(node.metadata.name, asItIs(node, places));
  }
  for (const node of [...held, ...asleep]) if (node.exists) nodes.set(node.face.name ?? "", node);

  const bound = boundPods(view).flatMap(({ pod, nodeName }): BoundPod[] => {
    const node = nodes.get(nodeName ?? "");
    return node ? [{ pod, node }] : [];
  });
  const isAsleep = new Set<PlacedNode>(asleep);
  const others = [...nodes.values(), ...held.filter(({ exists }) => !exists)].filter((node) => !isAsleep.has(node));
  return {
    classes,
    bound,
    nodes: others,
    offered: [...asleep, ...launches],
    places,
    namespaces: view.around.namespaces,
  };
};
