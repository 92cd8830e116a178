import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { DemandPool } from "../../../shared/demand/view.ts";
import type { PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import { aSpec } from "../pool/builders.ts";
import { aDemandPool, aDemandView, aPool, pods } from "./builders.ts";

const ZONE = "topology.kubernetes.io/zone";

describe("a pod that no pool can run", () => {
  const reasons = (spec: Partial<PodSpec>, requests = {}, pools: readonly DemandPool[] = [aPool("a", 1)]) =>
    planDemand(aDemandView({ pods: pods(1, requests, { spec }), pools })).unschedulable.map((each) => each.reasons);

  it.each([
    { name: "a label", spec: { nodeSelector: { gpu: "true" } }, reason: "node selector gpu=true" },
    {
      name: "more than a node has",
      spec: {},
      requests: { cpu: "3", memory: "12Gi" },
      reason: "cpu 3, of which a node has 2, memory 12Gi, of which a node has 8Gi",
    },
    {
      name: "a device that nodes lack",
      spec: {},
      requests: { "nvidia.com/gpu": "1" },
      reason: "nvidia.com/gpu 1, of which a node has 0",
    },
    {
      name: "claimed resources",
      spec: { resourceClaims: [{ name: "gpu" }] },
      reason: "resource claims (dynamic resource allocation), which are not looked at",
    },
    {
      name: "company that is not there",
      spec: {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { labelSelector: { matchLabels: { app: "db" } }, topologyKey: ZONE },
            ],
          },
        },
      },
      reason: "affinity by topology.kubernetes.io/zone to pods that are not there",
    },
  ])("is told so when it asks for $name", ({ spec, requests, reason }) => {
    expect(reasons(spec, requests)).toEqual([[`a: ${reason}`]]);
  });

  it("is told what stands against it in each pool, even in one without a node", () => {
    const labels = { "stratos.sh/pool": "b" };
    const taints = [{ key: "team", value: "ci", effect: "NoSchedule" as const }];
    const tainted = aDemandPool({ name: "b", spec: aSpec({ template: { ...aSpec().template, labels, taints } }) });
    expect(reasons({ nodeSelector: labels }, {}, [aPool("a", 1), tainted])).toEqual([
      ["a: node selector stratos.sh/pool=b", "b: untolerated taint team=ci:NoSchedule"],
    ]);
  });

  it("is one that a pool is short of, as long as nothing of the pool's nodes is known that speaks against it", () => {
    const plan = planDemand(
      aDemandView({ pods: pods(1, {}, { spec: { nodeSelector: { [ZONE]: "us-east-1a" } } }), pools: [aPool("a", 0)] }),
    );
    expect(plan.unschedulable).toEqual([]);
    expect(plan.short).toEqual([{ pool: "a", podCount: 1 }]);
  });
});
