import { type PodAffinityTerm, type PodObject, podKey, type SpreadConstraint } from "../objects.ts";
import { type HostPort, hostPorts } from "./host-ports.ts";
import { podRequest } from "./pod-request.ts";
import type { Resources } from "./resources.ts";

/** A pod with what the scheduler asks of it, read once. */
export interface PodFacts {
  readonly pod: PodObject;
  readonly key: string;
  readonly request: Resources;
  readonly ports: readonly HostPort[];
  readonly affinity: readonly PodAffinityTerm[];
  readonly antiAffinity: readonly PodAffinityTerm[];
  /** Only those that keep a pod from being placed. */
  readonly spread: readonly SpreadConstraint[];
  /** Pods of equal shape get equal answers, unless the answer depends on where other pods are. */
  readonly shape: string;
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
    shape: JSON.stringify([metadata.namespace, metadata.labels, spec]),
  };
};

/** Whether where it may go depends on where other pods are. */
export const looksAtOthers = ({ affinity, antiAffinity, spread }: PodFacts): boolean =>
  affinity.length + antiAffinity.length + spread.length > 0;
