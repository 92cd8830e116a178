/** EC2 has no capacity for the type of the standby instances, but for another of the class's types. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { AWSNodeClassSpec } from "../../../../shared/model/api/types.ts";
import type { LaunchRequest } from "../../../../shared/model/launch-request.ts";
import { anInstanceType } from "../../nodeclass/builders.ts";
import { INTERRUPTION_KINDS, interruptEveryCall, recoverUntil } from "../every-call.ts";
import { refusal } from "../fake-ec2.ts";
import {
  addPendingPod,
  aResolvedClass,
  CLUSTER,
  reconcileUntil,
  type World,
  type WorldOptions,
  warmedUp,
} from "../world.ts";

const ZONE = "zone-of-subnet-0";
const TYPES = ["m5.large", "m6i.large"];
const TYPE_LABELS = ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"];

const typeLabelsOf = (world: World, instanceId: string) =>
  TYPE_LABELS.map((key) => world.node(instanceId)?.metadata.labels?.[key]);

/** One standby node, whose type has no capacity left, and a pod that waits. */
const withoutCapacity = async (spec: WorldOptions["spec"] = {}, instanceTypes = TYPES) => {
  const world = await warmedUp({ spec: { poolSize: 2, minStandby: 1, ...spec } });
  world.kube.put(paths.nodeClass("workers"), aResolvedClass(1, { instanceTypes }));
  for (const instanceType of instanceTypes) world.ec2.types.set(instanceType, anInstanceType({ instanceType }));
  const [instanceId = ""] = world.ec2.instances.keys();
  world.kube.change(paths.node(`node-${instanceId}`), {
    metadata: { labels: Object.fromEntries(TYPE_LABELS.map((key) => [key, "m5.large"])) },
  });
  world.ec2.capacity.set(`m5.large in ${ZONE}`, 0);
  addPendingPod(world, "pod");
  return { world, instanceId };
};

const eventsOf = ({ kube }: World, reason: string) =>
  kube
    .in<{ reason: string; message: string }>(paths.events("default"))
    .flatMap((event) => (event.reason === reason ? [event.message] : []));

const requestOf = (world: World): Promise<LaunchRequest | undefined> =>
  world.ports.launchRequests.read({ cluster: CLUSTER, pool: world.pool });

const isOpen = (world: World, instanceId: string) => async () => world.node(instanceId)?.spec?.taints?.length === 0;

describe("standby without capacity", () => {
  it("is changed to another type, started, and told of; nothing is launched", async () => {
    const { world, instanceId } = await withoutCapacity();
    await world.reconcileDemand();
    expect(world.ec2.instances.get(instanceId)).toMatchObject({ instanceType: "m6i.large", state: "pending" });
    expect(typeLabelsOf(world, instanceId)).toEqual(["m6i.large", "m6i.large"]);
    expect(await requestOf(world)).toBeUndefined();
    expect(eventsOf(world, "NodeResized")).toEqual([
      `changed node-${instanceId} to m6i.large: EC2 has no capacity for m5.large in ${ZONE}`,
    ]);
    await reconcileUntil(world, "an open node", isOpen(world, instanceId));
    const [record] = await world.records();
    expect(record).toMatchObject({ instanceType: "m6i.large", state: "running" });
    expect(record).not.toHaveProperty("resizedFrom");
  });

  it("keeps its new type when it is standby again, and has not drifted", async () => {
    const { world, instanceId } = await withoutCapacity({ poolSize: 1, scaleDown: { emptyNodeTTL: "1m" } });
    await world.reconcileDemand();
    world.kube.objects.delete(paths.pod("default", "pod"));
    await reconcileUntil(world, "standby", async () => {
      const [record] = await world.records();
      return record?.state === "standby" && record.starts === 1;
    });
    for (let round = 0; round < 5; round += 1) {
      world.advance(60_000);
      await world.reconcilePool();
    }
    expect((await world.records()).map((record) => [record.instanceId, record.instanceType, record.state])).toEqual([
      [instanceId, "m6i.large", "standby"],
    ]);
  });

  it("is not tried as it is while its type is known to have no capacity", async () => {
    const { world, instanceId } = await withoutCapacity();
    await world.ports.unavailableOfferings.markUnavailable(CLUSTER, `m5.large in ${ZONE}`, world.now() + 60_000);
    const before = world.interruptions.calls.length;
    await world.reconcileDemand();
    const calls = world.interruptions.calls
      .slice(before)
      .filter((call) => /startInstances|changeInstanceType/.test(call));
    expect(calls).toEqual(["ec2.changeInstanceType", "ec2.startInstances"]);
    expect(world.ec2.starts).toEqual([[instanceId]]);
  });

  it("is left as it is, and an instance is launched, if its new type has no capacity either", async () => {
    const types = [...TYPES, "m7i.large"];
    const { world, instanceId } = await withoutCapacity({}, types);
    world.ec2.capacity.set(`m6i.large in ${ZONE}`, 0);
    world.ec2.types.delete("m7i.large");
    await world.reconcileDemand();
    expect((await world.records()).map(({ state, reason }) => [state, reason])).toEqual([
      ["standby", "InsufficientCapacity"],
    ]);
    expect(world.ec2.inState("stopped").map((instance) => instance.instanceId)).toEqual([instanceId]);
    expect((await requestOf(world))?.launches).toMatchObject([{ instanceType: "m7i.large", count: 1 }]);
  });

  it("is not changed to a type for fewer pods, unless its kubelet is set up anew at each boot", async () => {
    const typeAfter = async (spec: Partial<AWSNodeClassSpec>) => {
      const { world, instanceId } = await withoutCapacity();
      world.kube.put(paths.nodeClass("workers"), aResolvedClass(1, { instanceTypes: TYPES, ...spec }));
      world.ec2.types.set("m6i.large", anInstanceType({ instanceType: "m6i.large", maxPods: 20 }));
      await world.reconcileDemand();
      return world.ec2.instances.get(instanceId)?.instanceType;
    };
    expect(await typeAfter({})).toBe("m5.large");
    expect(await typeAfter({ userData: undefined, bootstrapTemplate: "AL2023" })).toBe("m6i.large");
    expect(await typeAfter({ kubelet: { maxPods: 20 } })).toBe("m6i.large");
  });

  it("is not changed if EC2 does not show what is attached to it: an instance is launched", async () => {
    const { world } = await withoutCapacity();
    world.ec2.refusals.describeHardware = refusal("RequestLimitExceeded");
    await world.reconcileDemand();
    expect(world.interruptions.calls).not.toContain("ec2.changeInstanceType");
    expect((await requestOf(world))?.launches).toMatchObject([{ instanceType: "m6i.large", count: 1 }]);
  });

  it("is not resized if it could not run the pods as any other type", async () => {
    const { world } = await withoutCapacity();
    world.ec2.types.set("m6i.large", anInstanceType({ instanceType: "m6i.large", vcpus: 1, maxPods: 2 }));
    addPendingPod(world, "large", "1500m");
    world.kube.objects.delete(paths.pod("default", "pod"));
    await world.reconcileDemand();
    expect(world.interruptions.calls).not.toContain("ec2.changeInstanceType");
  });
});

/** Pods that tolerate everything are bound to stopped nodes. */
const bindTo = (world: World, instanceId: string) =>
  world.kube.change(paths.pod("default", "pod"), {
    spec: { nodeName: `node-${instanceId}`, tolerations: [{ operator: "Exists" }] },
    status: { phase: "Pending", conditions: [] },
  });

describe("standby without capacity that a pod is bound to", () => {
  it("is changed to another type and started for the pod", async () => {
    const { world, instanceId } = await withoutCapacity();
    bindTo(world, instanceId);
    await world.reconcileDemand();
    expect(world.ec2.instances.get(instanceId)).toMatchObject({ instanceType: "m6i.large", state: "pending" });
    expect(typeLabelsOf(world, instanceId)).toEqual(["m6i.large", "m6i.large"]);
    expect(eventsOf(world, "NodeResized")).toHaveLength(1);
    expect(eventsOf(world, "PodOnStandby")).toEqual([
      `starting node-${instanceId}: default/pod was bound there while it was standby`,
    ]);
    expect(await requestOf(world)).toBeUndefined();
    await reconcileUntil(world, "an open node", isOpen(world, instanceId));
    const [record] = await world.records();
    expect(record).toMatchObject({ instanceType: "m6i.large", state: "running" });
  });

  it("serves other pods as its new type", async () => {
    const { world, instanceId } = await withoutCapacity();
    bindTo(world, instanceId);
    addPendingPod(world, "other");
    await world.reconcileDemand();
    expect(world.ec2.starts.at(-1)).toEqual([instanceId]);
    expect(await requestOf(world)).toBeUndefined();
  });

  it("waits for its own type rather than become one that may be too small for the pod, and is told of", async () => {
    const { world, instanceId } = await withoutCapacity();
    world.ec2.types.set("m6i.large", anInstanceType({ instanceType: "m6i.large", vcpus: 1 }));
    bindTo(world, instanceId);
    await world.reconcileDemand();
    expect(world.interruptions.calls).not.toContain("ec2.changeInstanceType");
    expect(world.ec2.instances.get(instanceId)).toMatchObject({ instanceType: "m5.large", state: "stopped" });
    expect(eventsOf(world, "InsufficientCapacity")[0]).toContain(`no capacity to start 1 m5.large in ${ZONE}`);
    world.ec2.capacity.delete(`m5.large in ${ZONE}`);
    world.advance(5 * 60_000);
    await world.reconcileDemand();
    expect(world.ec2.instances.get(instanceId)).toMatchObject({ instanceType: "m5.large", state: "pending" });
  });

  it("is among the first to be changed", async () => {
    const world = await warmedUp({ spec: { poolSize: 22, minStandby: 22 } });
    world.kube.put(paths.nodeClass("workers"), aResolvedClass(1, { instanceTypes: TYPES }));
    for (const instanceType of TYPES) world.ec2.types.set(instanceType, anInstanceType({ instanceType }));
    world.ec2.capacity.set(`m5.large in ${ZONE}`, 0);
    const last = (await world.records()).at(-1)?.instanceId ?? "";
    addPendingPod(world, "pod");
    bindTo(world, last);
    await world.ports.unavailableOfferings.markUnavailable(CLUSTER, `m5.large in ${ZONE}`, world.now() + 60_000);
    await world.reconcileDemand();
    expect(world.ec2.starts).toEqual([[last]]);
  });
});

it("an instance that somebody else starts before its type is changed serves as the type that it has", async () => {
  const { world, instanceId } = await withoutCapacity({ poolSize: 1 });
  const start = () => world.ec2.change(instanceId, { state: "pending", launchTime: world.now() });
  world.interruptions.actBefore("ec2.changeInstanceType", start);
  await world.reconcileDemand();
  expect(eventsOf(world, "ResizeRefused")).toEqual([]);
  await reconcileUntil(world, "an open node", isOpen(world, instanceId));
  const [record] = await world.records();
  expect(record).toMatchObject({ instanceType: "m5.large", state: "running" });
  expect(typeLabelsOf(world, instanceId)).toEqual(["m5.large", "m5.large"]);
});

describe("a change of type that EC2 refuses", () => {
  it.each(["InvalidInstanceAttributeValue", "UnauthorizedOperation"])(
    "with %s is told, not repeated, and instances are launched instead",
    async (code) => {
      const { world, instanceId } = await withoutCapacity();
      world.ec2.refusals.changeInstanceType = refusal(code);
      await world.reconcileDemand();
      const [record] = await world.records();
      expect(record).toMatchObject({ instanceType: "m5.large", state: "standby", reason: "ResizeRefused" });
      expect(eventsOf(world, "ResizeRefused")[0]).toContain(`EC2 did not change node-${instanceId} to m6i.large`);
      expect((await requestOf(world))?.launches).toMatchObject([{ instanceType: "m6i.large", count: 1 }]);
      await world.reconcileDemand();
      expect(world.interruptions.calls.filter((call) => call === "ec2.changeInstanceType")).toHaveLength(1);
    },
  );

  it("because it is throttled is tried again at the next look", async () => {
    const { world, instanceId } = await withoutCapacity({ scaleUp: { overflow: "None" } });
    world.ec2.refusals.changeInstanceType = refusal("RequestLimitExceeded");
    await world.reconcileDemand();
    delete world.ec2.refusals.changeInstanceType;
    await world.reconcileDemand();
    expect(world.ec2.instances.get(instanceId)).toMatchObject({ instanceType: "m6i.large", state: "pending" });
  });
});

describe.each(INTERRUPTION_KINDS)("if a function %s a call", (kind) => {
  it("a resized node serves the pod, with the type that EC2 has on record and on the node", async () => {
    let instanceId = "";
    const begin = async () => {
      const prepared = await withoutCapacity({ scaleUp: { overflow: "None" } });
      ({ instanceId } = prepared);
      return prepared.world;
    };
    const calls = await interruptEveryCall(kind, begin, async (world) => {
      const reconcile = async () => {
        await world.reconcileDemand().catch(() => {});
        if (world.interruptions.hasHappened()) world.interruptions.disarm();
        await world.reconcilePool();
      };
      await recoverUntil(world, reconcile, isOpen(world, instanceId));
      expect(world.ec2.instances.get(instanceId)).toMatchObject({ instanceType: "m6i.large", state: "running" });
      const records = await world.records();
      expect(records.find((record) => record.instanceId === instanceId)).toMatchObject({
        instanceType: "m6i.large",
        state: "running",
      });
      expect(typeLabelsOf(world, instanceId)).toEqual(["m6i.large", "m6i.large"]);
    });
    expect(calls).toBeGreaterThan(20);
  });
});
