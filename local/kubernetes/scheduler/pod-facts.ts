import { type PodAffinityTerm, type PodObject, podKey, type SpreadConstraint } from "../objects/objects.ts";
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
  /** Pods with equal keys get the same scheduling result, unless the result depends on the placement of other pods. */
  readonly equivalenceKey: string;
}

export const readPod = (pod: PodObject): PodFacts => {
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
    equivalenceKey: JSON.stringify([metadata.namespace, metadata.labels, spec]),
  };
};

/** Whether the pod's feasible nodes depend on the placement of other pods. */
export const dependsOnOtherPods = ({ affinity, antiAffinity, spread }: PodFacts): boolean =>
  affinity.length + antiAffinity.length + spread.length > 0;
