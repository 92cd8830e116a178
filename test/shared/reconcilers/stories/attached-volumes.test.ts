/** Volumes that are attached to a node whose instance is about to stop. */
import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { reconcileUntil, states, type World, withNodeInUse } from "../world.ts";

/** A pod with a claim, bound to the node; its volume is attached there. */
const addPodWithVolume = ({ kube }: World, nodeName: string, kind: "DaemonSet" | "ReplicaSet") => {
  const metadata = { name: "cache", namespace: "default" };
  kube.put(`${paths.claimsIn("default")}/cache`, { metadata, spec: { volumeName: "pv-1" } });
  kube.put("/apis/storage.k8s.io/v1/volumeattachments/csi-1", {
    metadata: { name: "csi-1" },
    spec: { nodeName, source: { persistentVolumeName: "pv-1" } },
  });
  kube.put(paths.pod("default", "cache"), {
    metadata: { ...metadata, ownerReferences: [{ kind, name: "cache", controller: true }] },
    spec: { nodeName, containers: [], volumes: [{ name: "data", persistentVolumeClaim: { claimName: "cache" } }] },
    status: { phase: "Running" },
  });
};

it.each([
  ["DaemonSet", ["stopping", "stopped"]],
  ["ReplicaSet", ["running"]],
] as const)("a volume of a %s's pod leaves the instance %s", async (kind, expected) => {
  const { world, instanceId } = await withNodeInUse();
  world.kube.objects.delete(paths.pod("default", "pod"));
  await world.reconcilePool();
  addPodWithVolume(world, `node-${instanceId}`, kind);
  if (kind === "ReplicaSet") world.kube.change(paths.pod("default", "cache"), { status: { phase: "Succeeded" } });
  world.advance(6 * 60_000);
  await reconcileUntil(world, "stopping", async () => (await states(world)).includes("stopping"));
  for (let round = 0; round < 5; round += 1) {
    await world.reconcilePool();
    world.advance();
  }
  expect(expected).toContain(world.ec2.instances.get(instanceId)?.state);
});
