/** Device plugins register after Ready: a node has no devices, or 0 of them after a reboot, until then. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { AWSNodeClass } from "../../../../shared/model/api/types.ts";
import type { KubePod } from "../../../../shared/model/kubernetes/objects.ts";
import { addPendingPod, aResolvedClass, type World, warmedUp } from "../world.ts";

const GPU = "nvidia.com/gpu";
const ALLOCATABLE = { cpu: "2", memory: "8Gi", pods: "10" };

const addGpuPod = (world: World): void => {
  addPendingPod(world, "training");
  const requests = { cpu: "500m", [GPU]: "1" };
  const containers = [{ name: "main", resources: { requests, limits: { [GPU]: "1" } } }];
  world.kube.change(paths.pod("default", "training"), { spec: { containers } } as Partial<KubePod>);
};

const setGpus = (world: World, instanceId: string, gpus: string | undefined): void => {
  const allocatable = { ...ALLOCATABLE, ...(gpus === undefined ? {} : { [GPU]: gpus }) };
  world.kube.change(paths.node(`node-${instanceId}`), { status: { allocatable } });
};

/** A pool of GPU instances whose nodes report `gpus` while they sleep; undefined: they slept before their plugin had registered. */
const aGpuPool = async (poolSize: number, gpus: string | undefined): Promise<World> => {
  const world = await warmedUp({ spec: { poolSize, minStandby: poolSize } });
  const nodeClass = aResolvedClass(1);
  const status = { ...nodeClass.status, estimatedAllocatable: { ...ALLOCATABLE, [GPU]: "1" } };
  world.kube.put(paths.nodeClass("workers"), { ...nodeClass, status } as AWSNodeClass);
  for (const id of world.ec2.instances.keys()) setGpus(world, id, gpus);
  addGpuPod(world);
  return world;
};

/** Three minutes in which the started nodes report `gpus` and the pod stays unschedulable. */
const threeMinutes = async (world: World, gpus: string | undefined): Promise<void> => {
  for (let round = 0; round < 18; round += 1) {
    await world.reconcileDemand();
    await world.reconcilePool();
    world.advance();
    for (const id of world.ec2.starts.flat()) if (world.node(id)) setGpus(world, id, gpus);
  }
};

describe("a pod that requests a GPU", () => {
  it("starts one node, although that node's device plugin takes minutes after Ready", async () => {
    const world = await aGpuPool(3, "1");
    await threeMinutes(world, "0");
    expect(world.ec2.starts.flat()).toHaveLength(1);
  });

  it("starts one node of a pool whose nodes have all reported 0 since their last boot", async () => {
    const world = await aGpuPool(3, "0");
    await threeMinutes(world, "0");
    expect(world.ec2.starts.flat()).toHaveLength(1);
  });

  it("is served by standby that slept before its device plugin had registered", async () => {
    const world = await aGpuPool(2, undefined);
    await world.reconcileDemand();
    expect(world.ec2.starts.flat()).toHaveLength(1);
  });

  it("starts one node of those, although it reports no GPU for minutes after Ready", async () => {
    const world = await aGpuPool(2, undefined);
    await threeMinutes(world, undefined);
    expect(world.ec2.starts.flat()).toHaveLength(1);
  });
});
