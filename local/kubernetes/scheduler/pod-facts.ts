import {
  type NodeSelectorTerm,
  type PodAffinityTerm,
  type PodObject,
  podKey,
  type SpreadConstraint,
} from "../objects/objects.ts";
import { type HostPort, hostPorts } from "./host-ports.ts";
import { podRequest } from "./pod-request.ts";
import type { Resources } from "./resources.ts";

/** A pod with the properties that the scheduler needs, computed once. */
export interface PodFacts {
  readonly pod: PodObject;
  readonly key: string;
  readonly request: Resources;
  readonly ports: readonly HostPort[];
  readonly affinity: readonly PodAffinityTerm[];
  readonly antiAffinity: readonly PodAffinityTerm[];
  /** Only the constraints with whenUnsatisfiable DoNotSchedule. */
  readonly spread: readonly SpreadConstraint[];
  /** Of the volumes that the pod's claims are bound to: a node meets one term of each. */
  readonly volumeTerms: readonly (readonly NodeSelectorTerm[])[];
  /** Pods with equal keys get the same scheduling result, unless the result depends on the placement of other pods. */
  readonly equivalenceKey: string;
}

export const readPod = (pod: PodObject, volumeTerms: PodFacts["volumeTerms"] = []): PodFacts => {
  const { spec, metadata } = pod;
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  return {
    pod,
    key: podKey(pod),
    request: podRequest(spec),
    ports: hostPorts(spec),
    affinity: podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    antiAffinity: podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    spread: (spec.topologySpreadConstraints ?? []).filter(
      ({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule",
    ),
    volumeTerms,
    equivalenceKey: JSON.stringify([metadata.namespace, metadata.labels, spec]),
  };
};

/** Whether the pod's feasible nodes depend on the placement of other pods. */
export const dependsOnOtherPods = ({ affinity, antiAffinity, spread }: PodFacts): boolean =>
  affinity.length + antiAffinity.length + spread.length > 0;
