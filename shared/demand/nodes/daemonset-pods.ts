/** The pods that DaemonSets run on a node. Their requests are subtracted from the node before other pods are placed. */
import type { Container, DaemonSet, KubePod, PodSpec } from "../../model/kubernetes/objects.ts";
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

const containerOnceCreated =
  (hostNetwork: boolean) =>
  ({ resources, ports, ...container }: Container): Container => ({
    ...container,
    resources: { ...resources, requests: { ...resources?.limits, ...resources?.requests } },
    ports: hostNetwork ? ports?.map((port) => ({ hostPort: port.containerPort, ...port })) : ports,
  });

/** Of the resources that no container requests, a pod as a whole requests its limits. */
const ofPodOnceCreated = ({ containers, initContainers = [], resources }: PodSpec): PodSpec["resources"] => {
  const requested = new Set(
    [...containers, ...initContainers].flatMap((one) => Object.keys(one.resources?.requests ?? {})),
  );
  const limits = Object.entries(resources?.limits ?? {}).filter(([name]) => !requested.has(name));
  return { requests: { ...Object.fromEntries(limits), ...resources?.requests } };
};

/**
 * The template as the API server completes it in pods: requests that are absent equal the limits, and with `hostNetwork` the containers' ports are
 * host ports (k8s.io/kubernetes/pkg/apis/core/v1/defaults.go, SetDefaults_Pod, defaultPodRequests and defaultHostNetworkPorts).
 */
const podSpecOf = ({ spec }: DaemonSet): PodSpec => {
  const template = spec.template.spec;
  const complete = containerOnceCreated(template.hostNetwork ?? false);
  const completed = {
    ...template,
    containers: template.containers.map(complete),
    ...(template.initContainers && { initContainers: template.initContainers.map(complete) }),
  };
  return template.resources ? { ...completed, resources: ofPodOnceCreated(completed) } : completed;
};

/** One pod per DaemonSet that is not being deleted. */
export const expectedDaemonSetPods = (daemonSets: readonly DaemonSet[]): readonly DaemonSetPod[] =>
  daemonSets
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((daemonSet) => ({
      owner: keyOf(daemonSet.metadata.namespace, daemonSet.metadata.name),
      daemonSet,
      request: podRequest(podSpecOf(daemonSet)),
      ports: hostPorts(podSpecOf(daemonSet)),
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
