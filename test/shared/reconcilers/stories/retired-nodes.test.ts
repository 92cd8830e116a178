/** Nodes that do not serve again. */
import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { reconcileUntil, states, withNodeInUse } from "../world.ts";

it("a node is replaced after as many times in service as the pool allows", async () => {
  const { world, instanceId } = await withNodeInUse({
    spec: { poolSize: 3, minStandby: 2, disruption: { maxReuses: 1 } },
  });
  world.kube.objects.delete(paths.pod("default", "pod"));
  await reconcileUntil(world, "replaced", async () => (await states(world)).join() === "standby,standby");
  await reconcileUntil(world, "gone", () => world.ec2.instances.get(instanceId)?.state === "terminated");
  expect((await world.records()).map((record) => record.instanceId)).not.toContain(instanceId);
});

it("a node whose disk is too full is replaced when it is empty", async () => {
  const { world, instanceId } = await withNodeInUse({
    spec: { poolSize: 3, minStandby: 2, disruption: { maxDiskPercent: 80 } },
  });
  world.kube.change(paths.node(`node-${instanceId}`), {
    status: {
      capacity: { "ephemeral-storage": "20893676Ki" },
      images: [{ names: ["example.com/build:1"], sizeBytes: 18_000_000_000 }],
    },
  });
  world.kube.objects.delete(paths.pod("default", "pod"));
  await reconcileUntil(world, "gone", () => world.ec2.instances.get(instanceId)?.state === "terminated");
  await reconcileUntil(world, "replaced", async () => (await states(world)).join() === "standby,standby");
});

it("a node that somebody annotates is replaced when it is empty, and not before", async () => {
  const { world, instanceId } = await withNodeInUse();
  world.kube.change(paths.node(`node-${instanceId}`), { metadata: { annotations: { "stratos.sh/retire": "now" } } });
  for (let round = 0; round < 60; round += 1) {
    await world.reconcilePool();
    world.advance();
  }
  expect(world.ec2.instances.get(instanceId)?.state).toBe("running");
  world.kube.objects.delete(paths.pod("default", "pod"));
  await reconcileUntil(world, "gone", () => world.ec2.instances.get(instanceId)?.state === "terminated");
});
