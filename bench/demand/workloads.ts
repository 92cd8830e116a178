/** Pods of many workloads (Deployments, Jobs and so on) with different requests. */
import type { KubePod, PodSpec } from "../../shared/model/kubernetes/objects.ts";
import { aPendingPod, HOSTNAME, ZONE, ZONES } from "./input.ts";

export type Kind = "plain" | "mixed" | "distinct";

const WORKLOADS = 50;

const rulesOf = (kind: Kind, workload: number): Partial<PodSpec> => {
  if (kind !== "mixed") return {};
  const labelSelector = { matchLabels: { app: `app-${workload}` } };
  const spread = { labelSelector, topologyKey: ZONE, maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" };
  const antiAffinity = { labelSelector, topologyKey: HOSTNAME };
  switch (workload % 10) {
    case 0:
    case 1:
      return { topologySpreadConstraints: [spread] };
    case 2:
      return { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [antiAffinity] } } };
    case 3:
      return { nodeSelector: { [ZONE]: ZONES[workload % ZONES.length] ?? "" } };
    default:
      return {};
  }
};

/** `distinct`: no two pods have equal requests. `mixed`: see docs/benchmarks.md. */
export const workloadPods = (kind: Kind, count: number): readonly KubePod[] =>
  Array.from({ length: count }, (_, index) => {
    const workload = index % WORKLOADS;
    const milli = 100 + workload * 20 + (kind === "distinct" ? Math.floor(index / WORKLOADS) : 0);
    const labels = { app: `app-${workload}`, "pod-template-hash": `hash-${workload}` };
    const requests = { cpu: `${milli}m`, memory: `${200 + ((workload * 37) % 800)}Mi` };
    return aPendingPod(`pod-${index}`, labels, requests, rulesOf(kind, workload));
  });
