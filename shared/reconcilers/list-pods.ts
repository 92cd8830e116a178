/** The pods of nodes. A cluster has far more pods, so no list is held as the API server returns it. */
import type { KubeClient } from "../kube/client.ts";
import { paths } from "../kube/paths.ts";
import { inParallel } from "../model/in-parallel.ts";
import type { KubePod } from "../model/kubernetes/objects.ts";
import { throwIfAny } from "./failures.ts";

const LISTS_AT_ONCE = 10;
/** For more nodes than this, one list of all pods is cheaper for the API server than one list per node. */
const MAX_LISTS = 10;

/** The pods by node, each as `project` returns it; a node without pods may be missing. */
export const listPodsOf = async <P extends { readonly spec: { readonly nodeName?: string } }>(
  kube: KubeClient,
  nodes: readonly string[],
  project: (pod: KubePod) => P,
): Promise<ReadonlyMap<string | undefined, readonly P[]>> => {
  if (nodes.length > MAX_LISTS) {
    const wanted = new Set(nodes);
    const projectWanted = (pod: KubePod) => (wanted.has(pod.spec.nodeName ?? "") ? project(pod) : undefined);
    return Map.groupBy(await kube.list(paths.pods(), {}, projectWanted), ({ spec }) => spec.nodeName);
  }
  const pods = new Map<string, readonly P[]>();
  const failures = await inParallel(nodes, LISTS_AT_ONCE, async (node) => {
    pods.set(node, await kube.list(paths.pods(), { fieldSelector: `spec.nodeName=${node}` }, project));
  });
  throwIfAny(failures, `listing the pods of ${nodes.length} nodes`);
  return pods;
};
