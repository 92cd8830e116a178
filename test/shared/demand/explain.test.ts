import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { DemandPool } from "../../../shared/demand/view.ts";
import type { PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import { aSpec } from "../pool/builders.ts";
import { aDemandPool, aDemandView, aPool, pods } from "./builders.ts";

const ZONE = "topology.kubernetes.io/zone";

describe("the reasons for a pod that no pool can run", () => {
  const reasons = (spec: Partial<PodSpec>, requests = {}, pools: readonly DemandPool[] = [aPool("a", 1)]) =>
    planDemand(aDemandView({ pods: pods(1, requests, { spec }), pools })).unschedulable.map((each) => each.reasons);

  it.each([
    { name: "a missing label", spec: { nodeSelector: { gpu: "true" } }, reason: "node selector gpu=true" },
    {
      name: "requests that exceed the node",
      spec: {},
      requests: { cpu: "3", memory: "12Gi" },
      reason: "insufficient cpu (requests 3, a node has 2), insufficient memory (requests 12Gi, a node has 8Gi)",
    },
    {
      name: "a device that no node has",
      spec: {},
      requests: { "nvidia.com/gpu": "1" },
      reason: "insufficient nvidia.com/gpu (requests 1, a node has 0)",
    },
    {
      name: "resource claims",
      spec: { resourceClaims: [{ name: "gpu" }] },
      reason: "resource claims (dynamic resource allocation) are not supported",
    },
    {
      name: "affinity to pods that do not exist",
      spec: {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { labelSelector: { matchLabels: { app: "db" } }, topologyKey: ZONE },
            ],
          },
        },
      },
      reason: "pod affinity by topology.kubernetes.io/zone: no matching pod",
    },
  ])("name $name", ({ spec, requests, reason }) => {
    expect(reasons(spec, requests)).toEqual([[`a: ${reason}`]]);
  });

  it("cover each pool, even one without nodes", () => {
    const labels = { "stratos.sh/pool": "b" };
    const taints = [{ key: "team", value: "ci", effect: "NoSchedule" as const }];
    const tainted = aDemandPool({ name: "b", spec: aSpec({ template: { ...aSpec().template, labels, taints } }) });
    expect(reasons({ nodeSelector: labels }, {}, [aPool("a", 1), tainted])).toEqual([
      ["a: node selector stratos.sh/pool=b", "b: untolerated taint team=ci:NoSchedule"],
    ]);
  });

  it("are absent as long as nothing known about a pool's nodes rules the pod out: then the pool is short", () => {
    const plan = planDemand(
      aDemandView({ pods: pods(1, {}, { spec: { nodeSelector: { [ZONE]: "us-east-1a" } } }), pools: [aPool("a", 0)] }),
    );
    expect(plan.unschedulable).toEqual([]);
    expect(plan.unserved).toMatchObject([{ pools: ["a"] }]);
  });
});
