/** Groups of pods that are equivalent to the scheduler, so that each check runs once per group. */

import { createQuantityCache, type ParseQuantity } from "../model/api/quantity.ts";
import type { Container, KubePod, Labels, PodSpec } from "../model/kubernetes/objects.ts";
import type { PodAffinityTerm, SpreadConstraint } from "../model/kubernetes/scheduling.ts";
import { type HostPort, hostPorts } from "../scheduling/host-ports.ts";
import { type PodRequest, podRequest } from "../scheduling/pod-request.ts";
import { selectorKeys } from "../scheduling/selector.ts";
import { createDeviceRequests, type DeviceRequests, withDevices } from "./device-requests.ts";
import { createClaimConflicts } from "./exclusive-claims.ts";
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
  /** Nodes were started for such pods in vain: for now none are started. */
  readonly isBackingOff: boolean;
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
  /** Why no node can help the pods: because of their volumes or devices. */
  readonly unschedulableReason: string | undefined;
}

const DO_NOT_SCHEDULE = "DoNotSchedule";

const NO_TERMS: PodTerms = { affinity: [], antiAffinity: [], spread: [] };

export const termsOf = ({ affinity, topologySpreadConstraints = [] }: PodSpec): PodTerms =>
  affinity || topologySpreadConstraints.length > 0
    ? {
        affinity: affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
        antiAffinity: affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
        spread: topologySpreadConstraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === DO_NOT_SCHEDULE),
      }
    : NO_TERMS;

export const hasPodTerms = ({ affinity, antiAffinity, spread }: PodTerms): boolean =>
  affinity.length + antiAffinity.length + spread.length > 0;

/** The label keys that the terms and constraints refer to. */
export const labelKeysOf = ({ affinity, antiAffinity, spread }: PodTerms): readonly string[] => [
  ...[...affinity, ...antiAffinity, ...spread].flatMap(({ labelSelector, matchLabelKeys = [] }) => [
    ...selectorKeys(labelSelector),
    ...matchLabelKeys,
  ]),
  ...[...affinity, ...antiAffinity].flatMap(({ mismatchLabelKeys = [] }) => mismatchLabelKeys),
];

/** The label keys that any term or constraint refers to: only these distinguish pods. Undefined if there are no terms. */
const relevantLabelKeys = (pods: readonly KubePod[]): readonly string[] | undefined => {
  const keys = new Set<string>();
  let hasTerms = false;
  for (const { spec } of pods) {
    if (!spec.affinity && !spec.topologySpreadConstraints) continue;
    const terms = termsOf(spec);
    hasTerms ||= hasPodTerms(terms);
    for (const key of labelKeysOf(terms)) keys.add(key);
  }
  return hasTerms ? [...keys] : undefined;
};

const containerKey = ({ resources, ports, restartPolicy }: Container) => [
  resources?.requests,
  ports?.filter(({ hostPort }) => hostPort),
  restartPolicy,
];

/** The parts of a pod's spec that decide where it can run, volumes aside. */
export const schedulingParts = (spec: PodSpec): readonly unknown[] => [
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
];

/** What of a pod its own spec does not say. */
interface PodNeeds {
  readonly volumes: VolumeRequirements;
  readonly devices: DeviceRequests;
  readonly isBackingOff: boolean;
}

const groupKey = (
  { spec, metadata }: KubePod,
  labelKeys: readonly string[] | undefined,
  { volumes, devices, isBackingOff }: PodNeeds,
): string =>
  JSON.stringify([
    labelKeys && [metadata.namespace, ...labelKeys.map((key) => metadata.labels?.[key])],
    schedulingParts(spec),
    volumes === NO_VOLUMES ? undefined : volumes,
    spec.resourceClaims && [[...devices.amounts], devices.unschedulableReason],
    isBackingOff,
  ]);

const oldestFirst = (pods: readonly KubePod[]): readonly KubePod[] =>
  pods.length === 1
    ? pods
    : pods
        .map((pod) => ({ pod, since: pendingSince(pod) }))
        .sort((one, other) => one.since - other.since)
        .map(({ pod }) => pod);

const makeGroup = (index: number, group: PodsOfGroup, parse: ParseQuantity): PodGroup => {
  const { pods, volumes, devices, isBackingOff } = group;
  const { spec, metadata } = group.example;
  return {
    index,
    isBackingOff,
    pods: oldestFirst(pods),
    namespace: metadata.namespace ?? "",
    labels: metadata.labels ?? {},
    spec,
    priority: spec.priority ?? 0,
    request: withDevices(podRequest(spec, parse), devices),
    ports: hostPorts(spec),
    volumes,
    unschedulableReason: volumes.unschedulableReason ?? devices.unschedulableReason,
    ...termsOf(spec),
  };
};

interface PodsOfGroup extends PodNeeds {
  readonly example: KubePod;
  readonly pods: KubePod[];
}

/**
 * `boundPods` are the pods that have a node already. Labels that their terms refer to distinguish pods as well. `rivals` are the pending pods among
 * which those that have waited longest get the claims that only one pod can use.
 */
export const groupPods = (
  pods: readonly KubePod[],
  boundPods: readonly KubePod[],
  rivals: readonly KubePod[],
  context: ClusterContext,
  isBackingOff: (pod: KubePod) => boolean,
): readonly PodGroup[] => {
  const labelKeys = relevantLabelKeys([...pods, ...boundPods]);
  const requirementsOf = createVolumeRequirements(context);
  const conflictOf = createClaimConflicts(context.claims ?? [], boundPods, rivals);
  const volumesOf = (pod: KubePod): VolumeRequirements => {
    const conflict = conflictOf(pod);
    return conflict === undefined ? requirementsOf(pod) : { ...NO_VOLUMES, unschedulableReason: conflict };
  };
  const devicesOf = createDeviceRequests(context, rivals);
  const groups = new Map<string, PodsOfGroup>();
  for (const pod of pods) {
    const needs = { volumes: volumesOf(pod), devices: devicesOf(pod), isBackingOff: isBackingOff(pod) };
    const key = groupKey(pod, labelKeys, needs);
    const group = groups.get(key);
    if (group) group.pods.push(pod);
    else groups.set(key, { example: pod, pods: [pod], ...needs });
  }
  const parse = createQuantityCache();
  return [...groups.values()].map((group, index) => makeGroup(index, group, parse));
};
