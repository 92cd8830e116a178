/** Groups of pods that are equivalent to the scheduler, so that each check runs once per group. */

import type { Container, KubePod, Labels, PodSpec } from "../model/kubernetes/objects.ts";
import type { PodAffinityTerm, SpreadConstraint } from "../model/kubernetes/scheduling.ts";
import { type HostPort, hostPorts } from "../scheduling/host-ports.ts";
import { type PodRequest, podRequest } from "../scheduling/pod-request.ts";
import { selectorKeys } from "../scheduling/selector.ts";
import { pendingSince } from "./pending-pod.ts";
import type { ClusterContext } from "./view.ts";
import { createVolumeRequirements, NO_VOLUMES, type VolumeRequirements } from "./volumes.ts";

/** A pod's rules about other pods. */
export interface PodTerms {
  readonly affinity: readonly PodAffinityTerm[];
  readonly antiAffinity: readonly PodAffinityTerm[];
  /** Only `DoNotSchedule` constraints. */
  readonly spread: readonly SpreadConstraint[];
}

export interface PodGroup extends PodTerms {
  /** Position in the list of all groups. */
  readonly index: number;
  /** The pods that have waited longest come first. */
  readonly pods: readonly KubePod[];
  readonly namespace: string;
  readonly labels: Labels;
  readonly spec: PodSpec;
  readonly priority: number;
  readonly request: PodRequest;
  readonly ports: readonly HostPort[];
  readonly volumes: VolumeRequirements;
}

const DO_NOT_SCHEDULE = "DoNotSchedule";

export const termsOf = ({ affinity, topologySpreadConstraints = [] }: PodSpec): PodTerms => ({
  affinity: affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
  antiAffinity: affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
  spread: topologySpreadConstraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === DO_NOT_SCHEDULE),
});

export const hasPodTerms = ({ affinity, antiAffinity, spread }: PodTerms): boolean =>
  affinity.length + antiAffinity.length + spread.length > 0;

/** The label keys that any term or constraint refers to: only these distinguish pods. Undefined if there are no terms. */
const relevantLabelKeys = (pods: readonly KubePod[]): readonly string[] | undefined => {
  const keys = new Set<string>();
  let hasTerms = false;
  const collect = ({ affinity, antiAffinity, spread }: PodTerms): void => {
    hasTerms ||= affinity.length + antiAffinity.length + spread.length > 0;
    for (const term of [...affinity, ...antiAffinity, ...spread]) {
      for (const key of selectorKeys(term.labelSelector)) keys.add(key);
      for (const key of term.matchLabelKeys ?? []) keys.add(key);
    }
    for (const { mismatchLabelKeys = [] } of [...affinity, ...antiAffinity]) {
      for (const key of mismatchLabelKeys) keys.add(key);
    }
  };
  for (const { spec } of pods) if (spec.affinity || spec.topologySpreadConstraints) collect(termsOf(spec));
  return hasTerms ? [...keys] : undefined;
};

const containerKey = ({ resources, ports, restartPolicy }: Container) => [
  resources?.requests,
  ports?.filter(({ hostPort }) => hostPort),
  restartPolicy,
];

const groupKey = (
  { spec, metadata }: KubePod,
  labelKeys: readonly string[] | undefined,
  volumes: VolumeRequirements,
): string =>
  JSON.stringify([
    labelKeys && [metadata.namespace, ...labelKeys.map((key) => metadata.labels?.[key])],
    spec.containers.map(containerKey),
    spec.initContainers?.map(containerKey),
    spec.resources?.requests,
    spec.overhead,
    spec.priority,
    spec.nodeSelector,
    spec.affinity && [spec.affinity.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution, termsOf(spec)],
    spec.tolerations,
    spec.topologySpreadConstraints,
    spec.resourceClaims,
    volumes === NO_VOLUMES ? undefined : volumes,
  ]);

const oldestFirst = (pods: readonly KubePod[]): readonly KubePod[] =>
  pods.length === 1
    ? pods
    : pods
        .map((pod) => ({ pod, since: pendingSince(pod) }))
        .sort((one, other) => one.since - other.since)
        .map(({ pod }) => pod);

const makeGroup = (
  index: number,
  pods: readonly KubePod[],
  example: KubePod,
  volumes: VolumeRequirements,
): PodGroup => {
  const { spec, metadata } = example;
  return {
    index,
    pods: oldestFirst(pods),
    namespace: metadata.namespace ?? "",
    labels: metadata.labels ?? {},
    spec,
    priority: spec.priority ?? 0,
    request: podRequest(spec),
    ports: hostPorts(spec),
    volumes,
    ...termsOf(spec),
  };
};

/** `boundPods` are the pods that have a node already. Labels that their terms refer to distinguish pods as well. */
export const groupPods = (
  pods: readonly KubePod[],
  boundPods: readonly KubePod[],
  context: ClusterContext,
): readonly PodGroup[] => {
  const labelKeys = relevantLabelKeys([...pods, ...boundPods]);
  const volumesOf = createVolumeRequirements(context);
  const groups = new Map<string, { readonly pods: KubePod[]; readonly volumes: VolumeRequirements }>();
  for (const pod of pods) {
    const volumes = volumesOf(pod);
    const key = groupKey(pod, labelKeys, volumes);
    const group = groups.get(key);
    if (group) group.pods.push(pod);
    else groups.set(key, { pods: [pod], volumes });
  }
  return [...groups.values()].flatMap((group, index) => {
    const [example] = group.pods;
    return example ? [makeGroup(index, group.pods, example, group.volumes)] : [];
  });
};
