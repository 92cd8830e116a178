/** The pods that DaemonSets will put on a node, and that take their share before any other pod. */
import type { DaemonSet, KubePod } from "../../model/kubernetes/objects.ts";
import { isDaemonSetPod } from "../../model/kubernetes/pods.ts";
import { type HostPort, hostPorts } from "../../scheduling/host-ports.ts";
import { mismatch, type NodeFace } from "../../scheduling/node-compatibility.ts";
import { type PodRequest, podRequest } from "../../scheduling/pod-request.ts";

export interface Daemon {
  /** `namespace/name` of its DaemonSet. */
  readonly owner: string;
  readonly set: DaemonSet;
  readonly request: PodRequest;
  readonly ports: readonly HostPort[];
}

const keyOf = (namespace: string | undefined, name: string): string => `${namespace}/${name}`;

export const daemonsOf = (sets: readonly DaemonSet[]): readonly Daemon[] =>
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
export const daemonsFor = (daemons: readonly Daemon[], face: NodeFace): readonly Daemon[] =>
  daemons.filter(({ set }) => mismatch(set.spec.template.spec, face) === undefined);

/** Those that run there already, as `namespace/name` of their DaemonSets. */
export const daemonsOn = (pods: readonly KubePod[]): ReadonlySet<string> =>
  new Set(
    pods
      .filter(isDaemonSetPod)
      .flatMap(({ metadata }) => (metadata.ownerReferences ?? []).map(({ name }) => keyOf(metadata.namespace, name))),
  );
