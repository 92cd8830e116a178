import { describe, expect, it } from "vitest";
import { KubeError } from "../../../../shared/kube/client.ts";
import { paths } from "../../../../shared/kube/paths.ts";
import type { KubeNode } from "../../../../shared/model/kubernetes/objects.ts";
import { addPendingPod, type World, warmedUp } from "../world.ts";

const DRIVER = "local.example.com";
const ZONE = "topology.kubernetes.io/zone";

/** A pod with an unbound claim of 10 GiB, and a driver that has 5 GiB in the zone of the only standby node. */
const withClaim = async (storageCapacity: boolean): Promise<World> => {
  const world = await warmedUp({ spec: { poolSize: 1, minStandby: 1 } });
  for (const { metadata } of world.kube.in<KubeNode>(paths.nodes()))
    world.kube.change(paths.node(metadata.name), { metadata: { labels: { [ZONE]: "zone-of-subnet-0" } } });
  world.kube.put(`${paths.claimsIn("default")}/data`, {
    metadata: { name: "data", namespace: "default" },
    spec: { storageClassName: "local", resources: { requests: { storage: "10Gi" } } },
  });
  world.kube.put(`${paths.storageClasses()}/local`, {
    metadata: { name: "local" },
    provisioner: DRIVER,
    volumeBindingMode: "WaitForFirstConsumer",
  });
  world.kube.put(`${paths.csiDrivers()}/${DRIVER}`, { metadata: { name: DRIVER }, spec: { storageCapacity } });
  world.kube.put("/apis/storage.k8s.io/v1/namespaces/kube-system/csistoragecapacities/one", {
    metadata: { name: "one", namespace: "kube-system" },
    storageClassName: "local",
    nodeTopology: { matchLabels: { [ZONE]: "zone-of-subnet-0" } },
    capacity: "5Gi",
  });
  addPendingPod(world, "pod");
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
  world.kube.change(paths.pod("default", "pod"), { spec: { volumes } });
  return world;
};

const startCount = async (world: World): Promise<number> => {
  await world.reconcileDemand();
  return world.ec2.starts.flat().length;
};

describe("a pod whose claim is still to be provisioned", () => {
  it("starts nothing where the driver has too little storage", async () => {
    expect(await startCount(await withClaim(true))).toBe(0);
  });

  it("starts a node if the scheduler does not ask the driver for its capacity", async () => {
    expect(await startCount(await withClaim(false))).toBe(1);
  });

  it("starts a node if the capacity may not be read", async () => {
    const world = await withClaim(true);
    const error = new KubeError(403, "Forbidden", "csidrivers is forbidden");
    world.kube.refuse({ method: "list", path: paths.csiDrivers(), error });
    expect(await startCount(world)).toBe(1);
  });
});
