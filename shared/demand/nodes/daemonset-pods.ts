/** The pods that DaemonSets run on a node. Their requests are subtracted from the node before other pods are placed. */
import type { DaemonSet, KubePod } from "../../model/kubernetes/objects.ts";
import { isDaemonSetPod } from "../../model/kubernetes/pods.ts";
import { type HostPort, hostPorts } from "../../scheduling/host-ports.ts";
import { incompatibility, type NodeAttributes } from "../../scheduling/node-compatibility.ts";
import { type PodRequest, podRequest } from "../../scheduling/pod-request.ts";

export interface DaemonSetPod {
  /** `namespace/name` of the DaemonSet. */
  readonly owner: string;
  readonly daemonSet: DaemonSet;
  readonly request: PodRequest;
  readonly ports: readonly HostPort[];
}

const keyOf = (namespace: string | undefined, name: string): string => `${namespace}/${name}`;

/** One pod per DaemonSet that is not being deleted. */
export const expectedDaemonSetPods = (daemonSets: readonly DaemonSet[]): readonly DaemonSetPod[] =>
  daemonSets
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((daemonSet) => ({
      owner: keyOf(daemonSet.metadata.namespace, daemonSet.metadata.name),
      daemonSet,
      request: podRequest(daemonSet.spec.template.spec),
      ports: hostPorts(daemonSet.spec.template.spec),
    }));

/**
 * The DaemonSet pods that run on such a node. The taints of a node that is starting do not matter: DaemonSet pods tolerate them
 * (k8s.io/kubernetes/pkg/controller/daemon/util, AddOrUpdateDaemonPodTolerations), and NodeAttributes holds lasting taints only.
 */
export const daemonSetPodsFor = (
  daemonSetPods: readonly DaemonSetPod[],
  attributes: NodeAttributes,
): readonly DaemonSetPod[] =>
  daemonSetPods.filter(({ daemonSet }) => incompatibility(daemonSet.spec.template.spec, attributes) === undefined);

/** `namespace/name` of the DaemonSets that own any of these pods. */
export const daemonSetOwnersOf = (pods: readonly KubePod[]): ReadonlySet<string> =>
  new Set(
    pods
      .filter(isDaemonSetPod)
      .flatMap(({ metadata }) => (metadata.ownerReferences ?? []).map(({ name }) => keyOf(metadata.namespace, name))),
  );
