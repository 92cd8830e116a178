/** An API server that refuses to change nodes, as behind an admission webhook. */
import { expect, it } from "vitest";
import type { KubeClient } from "../../../../shared/kube/client.ts";
import { paths } from "../../../../shared/kube/paths.ts";
import { CLUSTER, createWorld, states } from "../world.ts";

it("a warmup is reported as completed only once the node could be changed, and once", async () => {
  const world = createWorld({ spec: { poolSize: 1, minStandby: 1 } });
  const kube = await world.ports.kube(CLUSTER);
  let refuses = true;
  const patch: KubeClient["patch"] = async (path, type, body) => {
    if (refuses && path.startsWith("/api/v1/nodes/")) throw new Error("denied by a webhook");
    return kube.patch(path, type, body);
  };
  Object.assign(world.ports, { kube: async () => ({ ...kube, patch }) });
  const completions = () =>
    world.kube
      .in<{ reason: string; count?: number }>(paths.events("default"))
      .filter(({ reason }) => reason === "WarmupCompleted")
      .reduce((sum, { count = 1 }) => sum + count, 0);

  for (let round = 0; round < 12; round += 1) {
    await world.reconcilePool().catch(() => {});
    world.advance(20_000);
  }
  expect(completions()).toBe(0);
  refuses = false;
  await world.reconcilePool();
  expect(await states(world)).toEqual(["standby"]);
  expect(completions()).toBe(1);
});
