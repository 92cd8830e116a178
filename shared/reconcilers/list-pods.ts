/** The pods of nodes. A cluster has far more pods, so no list is held as the API server returns it. */
import type { KubeClient } from "../kube/client.ts";
import { paths } from "../kube/paths.ts";
import { inParallel } from "../model/in-parallel.ts";
import type { KubePod } from "../model/kubernetes/objects.ts";
import { throwIfAny } from "./failures.ts";

const LISTS_AT_ONCE = 10;
/** For more nodes than this, one list of all pods is cheaper for the API server than one list per node. */
const MAX_LISTS = 10;

type PodsByNode<P> = ReadonlyMap<string | undefined, readonly P[]>;

/** The pods by node, each as it was projected; a node without pods may be missing. */
export type ListPods<P> = (kube: KubeClient, nodes: readonly string[]) => Promise<PodsByNode<P>>;

type Bound = { readonly spec: { readonly nodeName?: string } };

const listEach = async <P>(kube: KubeClient, nodes: readonly string[], project: (pod: KubePod) => P) => {
  const pods = new Map<string, readonly P[]>();
  const failures = await inParallel(nodes, LISTS_AT_ONCE, async (node) => {
    pods.set(node, await kube.list(paths.pods(), { fieldSelector: `spec.nodeName=${node}` }, project));
  });
  throwIfAny(failures, `listing the pods of ${nodes.length} nodes`);
  return pods;
};

const listAll = async <P extends Bound>(
  kube: KubeClient,
  nodes: ReadonlySet<string>,
  project: (pod: KubePod) => P,
): Promise<PodsByNode<P>> => {
  const projectWanted = (pod: KubePod) => (nodes.has(pod.spec.nodeName ?? "") ? project(pod) : undefined);
  return Map.groupBy(await kube.list(paths.pods(), {}, projectWanted), ({ spec }) => spec.nodeName);
};

/**
 * Lists all pods of a cluster once at a time: whoever asks meanwhile shares the next list. That one begins after all of them have asked, so a pod
 * that is not in it was not on a node when they last read that node.
 */
const createSharedList = <P extends Bound>(project: (pod: KubePod) => P): ListPods<P> => {
  interface NextList {
    readonly nodes: Set<string>;
    readonly pods: Promise<PodsByNode<P>>;
  }
  const next = new WeakMap<KubeClient, NextList>();
  const latest = new WeakMap<KubeClient, Promise<unknown>>();

  const begin = (kube: KubeClient): NextList => {
    const nodes = new Set<string>();
    const list = async () => {
      await latest.get(kube)?.catch(() => {});
      next.delete(kube);
      return listAll(kube, nodes, project);
    };
    const pods = list();
    latest.set(kube, pods);
    return { nodes, pods };
  };

  return (kube, nodes) => {
    const list = next.get(kube) ?? begin(kube);
    next.set(kube, list);
    for (const node of nodes) list.nodes.add(node);
    return list.pods;
  };
};

export const createListPods = <P extends Bound>(project: (pod: KubePod) => P): ListPods<P> => {
  const listShared = createSharedList(project);
  return (kube, nodes) => (nodes.length > MAX_LISTS ? listShared(kube, nodes) : listEach(kube, nodes, project));
};
