import { describe, expect, it } from "vitest";
import { KubeError } from "../../../../shared/kube/client.ts";
import { paths } from "../../../../shared/kube/paths.ts";
import type { PodSpec } from "../../../../shared/model/kubernetes/objects.ts";
import { addPendingPod, type World, warmedUp } from "../world.ts";

const CLASSES = "/apis/resource.k8s.io/v1/deviceclasses";
const CLAIMS = "/apis/resource.k8s.io/v1/namespaces/default/resourceclaims";

const withPod = async (spec: Partial<PodSpec>): Promise<World> => {
  const world = await warmedUp({ spec: { poolSize: 1, minStandby: 1 } });
  addPendingPod(world, "pod");
  world.kube.change(paths.pod("default", "pod"), { spec });
  world.kube.put(`${CLASSES}/fpga`, { metadata: { name: "fpga" }, spec: { extendedResourceName: "example.com/fpga" } });
  world.kube.put(`${CLAIMS}/one`, {
    metadata: { name: "one", namespace: "default" },
    spec: { devices: { requests: [{ name: "device", exactly: { deviceClassName: "fpga" } }] } },
  });
  return world;
};

const claims = [{ name: "device", resourceClaimName: "one" }];

/** The events after a pod has waited for two minutes. */
const noNodePoolEvents = async (world: World): Promise<readonly string[]> => {
  world.advance(120_000);
  await world.reconcileDemand();
  return world.kube
    .in<{ reason: string; message: string }>("/api/v1/events")
    .filter(({ reason }) => reason === "NoNodePool")
    .map(({ message }) => message);
};

describe("a pod with a resource claim", () => {
  it("is served by a node that reports devices of the class", async () => {
    const world = await withPod({ resourceClaims: claims });
    for (const { metadata } of world.kube.in<{ metadata: { name: string } }>(paths.nodes())) {
      world.kube.change(paths.node(metadata.name), { status: { allocatable: { "example.com/fpga": "1" } } });
    }
    await world.reconcileDemand();
    expect(world.ec2.starts.flat()).toHaveLength(1);
  });

  it("starts nothing and is told if no node is known to have such devices", async () => {
    const world = await withPod({ resourceClaims: claims });
    expect(await noNodePoolEvents(world)).toEqual([
      `no NodePool can run this pod: ${world.pool}: insufficient example.com/fpga (requests 1, a node has 0)`,
    ]);
    expect(world.ec2.starts).toEqual([]);
  });

  it.each([404, 403])("starts nothing and is told if the API server answers %i", async (status) => {
    const world = await withPod({ resourceClaims: claims });
    world.kube.refuse({ method: "list", path: CLASSES, error: new KubeError(status, "Refused", "no device classes") });
    expect(await noNodePoolEvents(world)).toEqual([
      `no NodePool can run this pod: ${world.pool}: resource claims (dynamic resource allocation) are not supported`,
    ]);
    expect(world.ec2.starts).toEqual([]);
  });
});

it("a pod that requests a resource of a device class launches nothing, and is told", async () => {
  const containers = [{ name: "main", resources: { requests: { "example.com/fpga": "1" } } }];
  const world = await withPod({ containers });
  world.kube.change(paths.nodeClass("workers"), {
    status: { estimatedAllocatable: { cpu: "2", memory: "8Gi", pods: "10" } },
  });
  for (const path of world.kube.objects.keys()) if (path.startsWith(paths.nodes())) world.kube.objects.delete(path);
  expect((await noNodePoolEvents(world))[0]).toContain("insufficient example.com/fpga (requests 1, a node has 0)");
  expect(await world.ports.launchRequests.read({ cluster: "test", pool: world.pool })).toBeUndefined();
});
