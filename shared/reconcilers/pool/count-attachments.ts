import type { KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import type { BoundPod } from "../../model/kubernetes/objects.ts";
import { claimNames, isDaemonSetPod } from "../../model/kubernetes/pods.ts";
import type { PersistentVolumeClaim } from "../../model/kubernetes/storage.ts";

interface VolumeAttachment {
  readonly spec: { readonly nodeName: string; readonly source?: { readonly persistentVolumeName?: string } };
}

type PodsByNode = ReadonlyMap<string | undefined, readonly BoundPod[]>;

/**
 * The number of volumes by node that will be detached from it, for the given nodes. Those of DaemonSets' pods stay attached, because these pods stay bound to a stopped node.
 */
export const countAttachments = async (
  kube: KubeClient,
  nodes: ReadonlySet<string>,
  pods: PodsByNode,
): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>();
  if (nodes.size === 0) return counts;
  const found = await kube.list<VolumeAttachment>(paths.volumeAttachments());
  const attachments = found.filter(({ spec }) => nodes.has(spec.nodeName));
  const staying = await volumesThatStay(kube, [...new Set(attachments.map(({ spec }) => spec.nodeName))], pods);
  for (const { spec } of attachments) {
    if (staying.has(volumeOnNode(spec.nodeName, spec.source?.persistentVolumeName))) continue;
    counts.set(spec.nodeName, (counts.get(spec.nodeName) ?? 0) + 1);
  }
  return counts;
};

const volumeOnNode = (node: string, volume: string | undefined): string => `${node} ${volume}`;

const volumesThatStay = async (
  kube: KubeClient,
  nodes: readonly string[],
  pods: PodsByNode,
): Promise<ReadonlySet<string>> => {
  const uses = nodes.flatMap((node) =>
    (pods.get(node) ?? [])
      .filter(isDaemonSetPod)
      .flatMap((pod) =>
        [...claimNames(pod)].map((claim) => ({ node, namespace: pod.metadata.namespace ?? "", claim })),
      ),
  );
  const namespaces = [...new Set(uses.map(({ namespace }) => namespace))];
  const claims = await Promise.all(
    namespaces.map((namespace) => kube.list<PersistentVolumeClaim>(paths.claimsIn(namespace))),
  );
  const volumes = new Map(
    claims.flat().map(({ metadata, spec }) => [`${metadata.namespace}/${metadata.name}`, spec.volumeName]),
  );
  return new Set(
    uses.flatMap(({ node, namespace, claim }) => {
      const volume = volumes.get(`${namespace}/${claim}`);
      return volume === undefined ? [] : [volumeOnNode(node, volume)];
    }),
  );
};
