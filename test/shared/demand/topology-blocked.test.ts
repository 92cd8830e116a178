import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { KubePod, PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import type { PodAffinityTerm } from "../../../shared/model/kubernetes/scheduling.ts";
import { aDemandPool, aDemandView, aNodeObject, aPendingPod, bind, withStandby } from "./builders.ts";

const ZONE = "topology.kubernetes.io/zone";

const required = (terms: readonly PodAffinityTerm[]) => ({ requiredDuringSchedulingIgnoredDuringExecution: terms });
const term = (app: string): PodAffinityTerm => ({ labelSelector: { matchLabels: { app } }, topologyKey: ZONE });
const near = (app: string): Partial<PodSpec> => ({ affinity: { podAffinity: required([term(app)]) } });
const apart = (app: string): Partial<PodSpec> => ({ affinity: { podAntiAffinity: required([term(app)]) } });
const spread = (more: object): Partial<PodSpec> => ({
  topologySpreadConstraints: [{ ...term("db"), maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", ...more }],
});

const aPod = (name: string, spec: Partial<PodSpec>, app = name) =>
  aPendingPod(name, { cpu: "100m" }, { labels: { app }, spec });

/** A pod in one of the zones, on a node of no pool. */
const running = { ...bind(aPod("db", {}), "outside") };
const outside = aNodeObject("outside", { zone: "us-east-1a", pool: "none" });

/** The plan for the pods and two more: the large one comes first if all of them could run, the urgent one if not. */
const planFor = (pods: readonly KubePod[]) => {
  const large = aPendingPod("large", { cpu: "1500m" });
  const urgent = aPendingPod("urgent", { cpu: "1" }, { spec: { priority: 1 } });
  const standby = ["us-east-1a", "us-east-1b"].map((zone, index) => aNodeObject(`n${index}`, { zone }));
  const context = { nodes: [outside], pods: [running] };
  return planDemand(
    aDemandView({ pods: [...pods, large, urgent], pools: [withStandby(aDemandPool(), standby)], context }),
  );
};

const namesOf = (pods: readonly { readonly pod: KubePod }[]) => pods.map(({ pod }) => pod.metadata.name);

describe("pods that rules about other pods keep from running for good", () => {
  it.each<[string, readonly KubePod[]]>([
    ["affinity to pods that do not exist", [aPod("p", near("gone"))]],
    ["affinity to one another, but not to their own", [aPod("p", near("q")), aPod("q", near("p"))]],
    [
      "affinity to a pod that no pool can run",
      [aPod("p", near("q")), aPod("q", { nodeSelector: { "example.com/nowhere": "true" } })],
    ],
    ["a spread over a label that no node has", [aPod("p", spread({ topologyKey: "example.com/rack" }), "db")]],
    [
      "a spread that needs more zones than there are",
      [aPod("p", { ...spread({ minDomains: 9 }), nodeSelector: { [ZONE]: "us-east-1a" } }, "db")],
    ],
    [
      "anti-affinity, where such pods run in every zone",
      [aPod("p", { ...apart("db"), nodeSelector: { [ZONE]: "us-east-1a" } })],
    ],
  ])("%s: they are reported, and change nothing for others", (_, pods) => {
    const { unschedulable, placed } = planFor(pods);
    expect(namesOf(unschedulable).toSorted()).toEqual(pods.map(({ metadata }) => metadata.name));
    expect(placed.map(({ metadata }) => metadata.name)).toEqual(["large", "urgent"]);
  });
});

describe("pods that others can help", () => {
  it.each<[string, readonly KubePod[]]>([
    ["affinity to a pending pod", [aPod("p", near("q")), aPod("q", {})]],
    ["affinity to a pod with affinity to a pending pod", [aPod("p", near("q")), aPod("q", near("r")), aPod("r", {})]],
    ["affinity to themselves", [aPod("p", near("p"))]],
    ["a spread that another pod makes room in", [aPod("p", spread({}), "db")]],
  ])("%s: they are placed", (_, pods) => {
    const { unschedulable, placed } = planFor(pods);
    expect(namesOf(unschedulable)).toEqual([]);
    expect(placed).toHaveLength(pods.length + 2);
  });
});
