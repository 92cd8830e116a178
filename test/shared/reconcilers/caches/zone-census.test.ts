import { expect, it } from "vitest";
import type { KubeClient } from "../../../../shared/kube/client.ts";
import { createZoneCensus } from "../../../../shared/reconcilers/caches/zone-census.ts";
import { countingTelemetry } from "../../queue/in-memory.ts";
import { createFakeKube } from "../fake-kube.ts";

const node = (name: string, zone: string | undefined, state?: string, pool = state && "workers") => ({
  metadata: {
    name,
    labels: {
      ...(zone && { "topology.kubernetes.io/zone": zone }),
      ...(state && { "stratos.sh/state": state }),
      ...(pool && { "stratos.sh/pool": pool }),
    },
  },
});

const aCluster = () => {
  const kube = createFakeKube(() => 0);
  const nodes = [
    node("a", "z1", "standby"),
    node("b", "z1", "running"),
    node("c", "z1"),
    node("joining", "z1", undefined, "workers"),
    node("d", "z2"),
    node("e", undefined),
  ];
  for (const each of nodes) kube.put(`/api/v1/nodes/${each.metadata.name}`, each);
  return kube;
};

it("counts all nodes, standby nodes and nodes in no pool of each zone", async () => {
  const zones = await createZoneCensus(async () => aCluster().port, countingTelemetry())("ci", 0);
  expect([...zones]).toEqual([
    ["z1", { nodes: 4, standby: 1, others: 1 }],
    ["z2", { nodes: 1, standby: 0, others: 1 }],
  ]);
});

it("counts again after five minutes, separately for each cluster", async () => {
  const kube = aCluster();
  const census = createZoneCensus(async () => kube.port, countingTelemetry());
  await census("ci", 0);
  kube.put("/api/v1/nodes/f", node("f", "z2", "standby"));
  expect((await census("ci", 299_000)).get("z2")).toEqual({ nodes: 1, standby: 0, others: 1 });
  expect((await census("other", 299_000)).get("z2")).toEqual({ nodes: 2, standby: 1, others: 1 });
  expect((await census("ci", 300_000)).get("z2")).toEqual({ nodes: 2, standby: 1, others: 1 });
});

it("returns an empty census if the nodes cannot be listed", async () => {
  const list: KubeClient["list"] = async () => {
    throw new Error("no");
  };
  expect(await createZoneCensus(async () => ({ ...aCluster().port, list }), countingTelemetry())("ci", 0)).toEqual(
    new Map(),
  );
});
