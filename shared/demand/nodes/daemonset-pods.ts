/** The pods that DaemonSets will put on a node, and that take their share before any other pod. */
import type { DaemonSet, KubePod } from "../../model/kubernetes/objects.ts";
import { isDaemonSetPod } from "../../model/kubernetes/pods.ts";
import { type HostPort, hostPorts } from "../../scheduling/host-ports.ts";
import { incompatibility, type NodeAttributes } from "../../scheduling/node-compatibility.ts";
import { type PodRequest, podRequest } from "../../scheduling/pod-request.ts";

export interface DaemonSetPod {
  /** `namespace/name` of its DaemonSet. */
  readonly owner: string;
  readonly set: DaemonSet;
  readonly request: PodRequest;
  readonly ports: readonly HostPort[];
}

const keyOf = (namespace: string | undefined, name: string): string => `${namespace}/${name}`;

export const daemonSetPods = (sets: readonly DaemonSet[]): readonly DaemonSetPod[] =>
  sets
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((set) => ({
      owner: keyOf(set.metadata.namespace, set.metadata.name),
      set,
      request: podRequest(set.spec.template.spec),
      ports: hostPorts(set.spec.template.spec),
    }));

/**
 * Those that run on such a node. Their pods tolerate what a node has while it comes up (k8s.io/kubernetes/pkg/controller/daemon/util,
 * AddOrUpdateDaemonPodTolerations), which is not among its lasting taints anyway.
 */
export const daemonSetPodsFor = (
  daemonSetPods: readonly DaemonSetPod[],
  attributes: NodeAttributes,
): readonly DaemonSetPod[] =>
  daemonSetPods.filter(({ set }) => incompatibility(set.spec.template.spec, attributes) === undefined);

/** Those that run there already, as `namespace/name` of their DaemonSets. */
export const daemonSetsOn = (pods: readonly KubePod[]): ReadonlySet<string> =>
  new Set(
    pods
      .filter(isDaemonSetPod)
      .flatMap(({ metadata }) => (metadata.ownerReferences ?? []).map(({ name }) => keyOf(metadata.namespace, name))),
  );
