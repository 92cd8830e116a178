import { expect, it } from "vitest";
import type { KubeClient } from "../../../../shared/kube/client.ts";
import { createZoneCensus } from "../../../../shared/reconcilers/caches/zone-census.ts";
import { countingTelemetry } from "../../queue/in-memory.ts";
import { createFakeKube } from "../fake-kube.ts";

const node = (name: string, zone: string | undefined, state?: string) => ({
  metadata: {
    name,
    labels: {
      ...(zone && { "topology.kubernetes.io/zone": zone }),
      ...(state && { "stratos.sh/state": state }),
    },
  },
});

const aCluster = () => {
  const kube = createFakeKube(() => 0);
  const nodes = [
    node("a", "z1", "standby"),
    node("b", "z1", "running"),
    node("c", "z1"),
    node("d", "z2"),
    node("e", undefined),
  ];
  for (const each of nodes) kube.put(`/api/v1/nodes/${each.metadata.name}`, each);
  return kube;
};

it("counts all nodes of each zone, and those that are standby", async () => {
  const zones = await createZoneCensus(countingTelemetry())(aCluster().port, "ci", 0);
  expect([...zones]).toEqual([
    ["z1", { nodes: 3, standby: 1 }],
    ["z2", { nodes: 1, standby: 0 }],
  ]);
});

it("counts anew after five minutes, and each cluster by itself", async () => {
  const kube = aCluster();
  const census = createZoneCensus(countingTelemetry());
  await census(kube.port, "ci", 0);
  kube.put("/api/v1/nodes/f", node("f", "z2", "standby"));
  expect((await census(kube.port, "ci", 299_000)).get("z2")).toEqual({ nodes: 1, standby: 0 });
  expect((await census(kube.port, "other", 299_000)).get("z2")).toEqual({ nodes: 2, standby: 1 });
  expect((await census(kube.port, "ci", 300_000)).get("z2")).toEqual({ nodes: 2, standby: 1 });
});

it("fails nobody's reconcile when the nodes cannot be listed", async () => {
  const list: KubeClient["list"] = async () => {
    throw new Error("no");
  };
  expect(await createZoneCensus(countingTelemetry())({ ...aCluster().port, list }, "ci", 0)).toEqual(new Map());
});
