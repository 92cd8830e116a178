/** Reads the rest of the cluster, but only what the pending pods depend on. */

import { dependsOnOtherPods, isExcludedByRunningPods, podQueries } from "../../demand/pod-queries.ts";
import type { ClusterContext, DemandPool } from "../../demand/view.ts";
import type { KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import type { DaemonSet, KubeNode, KubePod, ObjectMeta } from "../../model/kubernetes/objects.ts";
import { podName } from "../../model/kubernetes/pods.ts";
import { LABEL } from "../../model/names.ts";
import { leanPod } from "../lean-pod.ts";
import { observeDevices } from "./observe-devices.ts";
import { observeVolumes, readClaimUsers } from "./observe-volumes.ts";

interface Namespace {
  readonly metadata: ObjectMeta;
}

const hasAntiAffinity = ({ spec: { affinity } }: KubePod): boolean =>
  (affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).length > 0;

const selectsNamespaces = ({ spec: { affinity } }: KubePod): boolean =>
  [affinity?.podAffinity, affinity?.podAntiAffinity].some((terms) =>
    terms?.requiredDuringSchedulingIgnoredDuringExecution?.some(({ namespaceSelector }) => namespaceSelector),
  );

/** Pods that the pending ones depend on. */
const readPods = async (kube: KubeClient, pods: readonly KubePod[]): Promise<readonly KubePod[]> => {
  const lists = await Promise.all(
    podQueries(pods).map(({ namespace, labelSelector, withAntiAffinity }) =>
      kube.list(
        namespace === undefined ? paths.pods() : paths.podsIn(namespace),
        { ...(labelSelector && { labelSelector }) },
        (pod: KubePod) => (!withAntiAffinity || hasAntiAffinity(pod) ? leanPod(pod) : undefined),
      ),
    ),
  );
  return lists.flat();
};

/** Of more nodes than this, the others count as gone: a node too many may be started. */
const MAX_NOMINATED_NODES = 50;

/** The nodes outside `pools` that pods are nominated to. */
const readNominatedNodes = async (
  kube: KubeClient,
  pods: readonly KubePod[],
  pools: readonly DemandPool[],
): Promise<readonly KubeNode[]> => {
  const names = new Set(pods.flatMap(({ status }) => status?.nominatedNodeName || []));
  const elsewhere = [...names].filter((name) => pools.every(({ nodes }) => !nodes.has(name)));
  const found = await Promise.all(
    elsewhere.slice(0, MAX_NOMINATED_NODES).map((name) => kube.get<KubeNode>(paths.node(name))),
  );
  return found.filter((node) => node !== undefined);
};

/** More names than this make too long a URL. */
const MAX_POOL_NAMES = 100;

/** All nodes except those of `pools`, so also those of pools that are being deleted or cannot be read. */
const readOtherNodes = async (kube: KubeClient, pools: readonly DemandPool[]): Promise<readonly KubeNode[]> => {
  const names = pools.map(({ name }) => name);
  if (names.length > 0 && names.length <= MAX_POOL_NAMES)
    return kube.list<KubeNode>(paths.nodes(), { labelSelector: `${LABEL.pool} notin (${names.join(",")})` });
  const nodes = await kube.list<KubeNode>(paths.nodes());
  return nodes.filter(({ metadata }) => !names.includes(metadata.labels?.[LABEL.pool] ?? ""));
};

const isElsewhere = ({ spec }: KubePod, poolNodes: ReadonlySet<string>): boolean =>
  spec.nodeName !== undefined && !poolNodes.has(spec.nodeName);

export const observeClusterContext = async (
  kube: KubeClient,
  pods: readonly KubePod[],
  pools: readonly DemandPool[],
  daemonSets: readonly DaemonSet[],
): Promise<ClusterContext> => {
  const running = pools.flatMap(({ occupied, started, opened, stopping }) => [
    ...occupied,
    ...started,
    ...opened,
    ...stopping,
  ]);
  // Terms of running pods count as well; of those that are not on nodes in flight it is not known yet.
  const needsNamespaces =
    [...pods, ...running.flatMap((node) => node.pods)].some(selectsNamespaces) || pods.some(isExcludedByRunningPods);
  const poolNodes = new Set(running.flatMap(({ node }) => node?.metadata.name ?? []));
  const runningPods = running.flatMap((node) => node.pods);
  const [relatedPods, nodes, namespaces, storage, devices] = await Promise.all([
    readPods(kube, pods),
    pods.some(dependsOnOtherPods) ? readOtherNodes(kube, pools) : readNominatedNodes(kube, pods, pools),
    needsNamespaces ? kube.list<Namespace>(paths.namespaces()) : [],
    observeVolumes(kube, pods, runningPods),
    observeDevices(kube, pods, runningPods),
  ]);
  const claimUsers = storage.claims ? await readClaimUsers(kube, pods, storage.claims) : [];
  // Pods on nodes in flight are read with these.
  const boundPods = [...relatedPods, ...claimUsers].filter((pod) => isElsewhere(pod, poolNodes));
  return {
    nodes,
    pods: [...new Map(boundPods.map((pod) => [podName(pod), pod])).values()],
    namespaces: new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels ?? {}])),
    daemonSets,
    ...storage,
    devices,
  };
};
