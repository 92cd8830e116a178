/** Persons, operators and other autoscalers act on a pool's nodes and pods at any time. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { KubePod } from "../../../../shared/model/kubernetes/objects.ts";
import { otherAutoscaler, somebody, tolerateAllPod } from "../actors.ts";
import { actBeforeEveryCall, recoverUntil } from "../every-call.ts";
import { addPendingPod, bindPod, reconcileUntil, states, type World, warmedUp, withNodeInUse } from "../world.ts";

const MINUTE = 60_000;
const EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers";

const stateOf = ({ ec2 }: World, instanceId: string) => ec2.instances.get(instanceId)?.state;
const isThere = ({ kube }: World, pod: string) => kube.at(paths.pod("default", pod)) !== undefined;
const nameOf = (instanceId: string) => `node-${instanceId}`;
const eventsOf = ({ kube }: World) => kube.in<{ reason: string; message: string }>(paths.events("default"));

const expireNodes = async (world: World) => {
  world.kube.change(paths.nodePool(world.pool), { spec: { maxNodeRuntime: "10m" } });
  world.advance(10 * MINUTE);
};

/** Reconciles pool and demand every 10 s; `meanwhile` runs before each. */
const reconcileFor = async (world: World, durationMs: number, meanwhile = () => {}) => {
  for (let passed = 0; passed < durationMs; passed += 10_000) {
    meanwhile();
    await world.reconcilePool().catch(() => {});
    await world.reconcileDemand().catch(() => {});
    world.advance();
  }
};

/** No pod that had to leave is on an instance that is off, unless an event names it. */
const expectNoPodsLost = (world: World) => {
  const off = new Set(world.ec2.inState("stopping", "stopped").map(({ instanceId }) => nameOf(instanceId)));
  const reported = eventsOf(world)
    .map(({ message }) => message)
    .join();
  const lost = world.kube
    .in<KubePod>(paths.pods())
    .filter(({ spec, metadata }) => off.has(spec.nodeName ?? "") && !reported.includes(`default/${metadata.name}`));
  expect(lost.map(({ metadata }) => metadata.name)).toEqual([]);
};

describe("a pod that tolerates everything", () => {
  it("and is bound to a stopped node gets that node started [tolerateAll]", async () => {
    const world = await warmedUp();
    const [first] = await world.records();
    const instanceId = first?.instanceId ?? "";
    const operator = tolerateAllPod(world, nameOf(instanceId));
    operator.replace();
    await reconcileFor(world, 2 * MINUTE, operator.replace);
    expect(stateOf(world, instanceId)).toBe("running");
    expect(world.ec2.starts.flat()).toEqual([instanceId]);
    expect(eventsOf(world).map(({ reason }) => reason)).toContain("PodOnStandby");
  });

  it("and returns to a draining node does not keep it from being stopped after drainTimeout [tolerateAll]", async () => {
    const { world, instanceId } = await withNodeInUse();
    const operator = tolerateAllPod(world, nameOf(instanceId));
    operator.replace();
    await expireNodes(world);
    const seen = new Set<string | undefined>();
    await reconcileFor(world, 8 * MINUTE, () => {
      operator.replace();
      seen.add(stateOf(world, instanceId));
    });
    expect(isThere(world, "pod")).toBe(false);
    expect(seen).toContain("stopped");
    // It returned once more, and has its node started for it.
    expect(stateOf(world, instanceId)).toBe("running");
    expect(operator.at()?.spec.nodeName).toBe(nameOf(instanceId));
  });
});

describe("during a drain that a budget holds back", () => {
  const draining = async () => {
    const { world, instanceId } = await withNodeInUse();
    world.kube.protectedPods.add("default/pod");
    await expireNodes(world);
    await world.reconcilePool();
    return { world, instanceId };
  };

  it("a node relabelled to another pool is not stopped under its pods [relabel]", async () => {
    const { world, instanceId } = await draining();
    somebody(world).label(nameOf(instanceId), "stratos.sh/pool", "another");
    await reconcileFor(world, 2 * MINUTE);
    expect(isThere(world, "pod")).toBe(true);
    expect(stateOf(world, instanceId)).toBe("running");
  });

  it("a node without its pool label is not stopped under its pods [relabel]", async () => {
    const { world, instanceId } = await draining();
    somebody(world).label(nameOf(instanceId), "stratos.sh/pool", undefined);
    await reconcileFor(world, 2 * MINUTE);
    expect(isThere(world, "pod")).toBe(true);
    expect(stateOf(world, instanceId)).toBe("running");
  });

  it("a node whose object is deleted is not stopped while its pods are bound to it [deleteNode]", async () => {
    const { world, instanceId } = await draining();
    somebody(world).deleteNode(nameOf(instanceId));
    await reconcileFor(world, 30_000);
    expect(isThere(world, "pod")).toBe(true);
    expect(stateOf(world, instanceId)).toBe("running");
  });

  it("an uncordoned node is cordoned again before it is stopped [uncordon]", async () => {
    const { world, instanceId } = await draining();
    somebody(world).uncordon(nameOf(instanceId));
    await world.reconcilePool();
    expect(world.node(instanceId)?.spec?.unschedulable).toBe(true);
  });
});

describe("a cordon by hand", () => {
  const cordonedAndEmpty = async () => {
    const { world, instanceId } = await withNodeInUse();
    somebody(world).cordon(nameOf(instanceId));
    await reconcileFor(world, MINUTE);
    expect(world.node(instanceId)?.spec?.unschedulable).toBe(true);
    world.kube.objects.delete(paths.pod("default", "pod"));
    await reconcileFor(world, 10 * MINUTE);
    return { world, instanceId };
  };

  it("outlives a stop: the node is not started for demand [cordon]", async () => {
    const { world, instanceId } = await cordonedAndEmpty();
    const before = world.ec2.starts.length;
    for (const name of ["a", "b", "c"]) addPendingPod(world, name, "1500m");
    await reconcileFor(world, 2 * MINUTE);
    expect(world.ec2.starts.slice(before).flat()).not.toContain(instanceId);
  });

  it("keeps the node from counting as standby [cordon]", async () => {
    const { world } = await withNodeInUse({ spec: { poolSize: 3, minStandby: 2 } });
    const [running] = world.ec2.inState("running");
    const instanceId = running?.instanceId ?? "";
    somebody(world).cordon(nameOf(instanceId));
    world.kube.objects.delete(paths.pod("default", "pod"));
    await reconcileFor(world, 20 * MINUTE);
    const usable = world.ec2.inState("stopped").filter((instance) => instance.instanceId !== instanceId);
    expect(usable).toHaveLength(2);
    expect(world.ec2.instances.get(instanceId)?.state).toBe("stopped");
    const status = world.kube.at<{ status: { standby: number } }>(paths.nodePool(world.pool))?.status;
    expect(status?.standby).toBe(2);
  });

  it("is not taken off while the node runs [cordon]", async () => {
    const { world, instanceId } = await withNodeInUse();
    somebody(world).cordon(nameOf(instanceId));
    await reconcileFor(world, 5 * MINUTE);
    expect(world.node(instanceId)?.spec?.unschedulable).toBe(true);
    expect(isThere(world, "pod")).toBe(true);
  });
});

it("a node is excluded from load balancers from its drain until its next start [excludeFromLoadBalancers]", async () => {
  const { world, instanceId } = await withNodeInUse();
  world.kube.protectedPods.add("default/pod");
  await expireNodes(world);
  await world.reconcilePool();
  expect(world.node(instanceId)?.metadata.labels).toHaveProperty(EXCLUDED);
});

/**
 * Its kubelet is done with it, as the grace period of 0 s says, and only a finalizer keeps its object: the Job controller's for a second or
 * two, that of a Job that is gone for ever (kubernetes#109429).
 */
describe("a finished pod that only a finalizer keeps", () => {
  const withHeldPod = async () => {
    const { world, instanceId } = await withNodeInUse();
    world.kube.change(paths.pod("default", "pod"), {
      metadata: {
        finalizers: ["batch.kubernetes.io/job-tracking"],
        deletionTimestamp: new Date(world.now()).toISOString(),
        deletionGracePeriodSeconds: 0,
      },
      status: { phase: "Succeeded" },
    });
    return { world, instanceId };
  };

  it("does not keep its node running [podFinalizer]", async () => {
    const { world, instanceId } = await withHeldPod();
    await reconcileFor(world, 10 * MINUTE);
    expect(stateOf(world, instanceId)).not.toBe("running");
  });

  it("does not hold back a drain [podFinalizer]", async () => {
    const { world, instanceId } = await withHeldPod();
    await expireNodes(world);
    await reconcileFor(world, MINUTE);
    expect(stateOf(world, instanceId)).not.toBe("running");
  });

  it("does not hold back a drain for longer than drainTimeout [podFinalizer]", async () => {
    const { world, instanceId } = await withHeldPod();
    await expireNodes(world);
    await reconcileFor(world, 7 * MINUTE);
    expect(stateOf(world, instanceId)).not.toBe("running");
  });
});

describe("another autoscaler", () => {
  it.each(["cluster-autoscaler", "karpenter"] as const)(
    "%s that taints a running node and then deletes its object: no pod is lost, and the pool recovers [otherAutoscaler]",
    async (name) => {
      const { world, instanceId } = await withNodeInUse();
      const other = otherAutoscaler(world, name);
      other.chooseForRemoval(nameOf(instanceId));
      await reconcileFor(world, MINUTE);
      expect(stateOf(world, instanceId)).toBe("running");
      other.remove(nameOf(instanceId));
      await reconcileFor(world, MINUTE);
      expectNoPodsLost(world);
    },
  );

  it("keeps its taint on a node that Stratos starts and stops [otherAutoscaler]", async () => {
    const { world, instanceId } = await withNodeInUse();
    otherAutoscaler(world, "cluster-autoscaler").chooseForRemoval(nameOf(instanceId));
    world.kube.objects.delete(paths.pod("default", "pod"));
    await reconcileFor(world, 10 * MINUTE);
    const keys = world.node(instanceId)?.spec?.taints?.map(({ key }) => key);
    expect(keys).toContain("ToBeDeletedByClusterAutoscaler");
  });
});

type Act = (world: World, node: string) => void;

/** Runs the drain of a node once for each of its calls; somebody acts right before that call. */
const actDuringDrain = async (act: Act): Promise<number> => {
  let node = "";
  const begin = async () => {
    const { world, instanceId } = await withNodeInUse({ spec: { poolSize: 3, minStandby: 2, maxNodeRuntime: "10m" } });
    node = nameOf(instanceId);
    world.advance(10 * MINUTE);
    return world;
  };
  const isStandby = async (world: World) =>
    world.ec2.inState("running").length === 0 && (await states(world)).every((state) => state === "standby");
  return actBeforeEveryCall(
    begin,
    (world) => act(world, node),
    (world) =>
      recoverUntil(
        world,
        world.reconcilePool,
        () => isStandby(world),
        () => expectNoPodsLost(world),
      ),
  );
};

describe("between any two calls of a drain", () => {
  const handled: readonly (readonly [fault: string, act: Act])[] = [
    ["uncordon", (world, node) => somebody(world).uncordon(node)],
    ["taint", (world, node) => somebody(world).taint(node, { key: "example.com/repair", effect: "NoSchedule" })],
  ];
  it.each(handled)("no pod is lost, and the node returns to standby [%s]", async (_fault, act) => {
    expect(await actDuringDrain(act)).toBeGreaterThan(15);
  });

  const hidden: readonly (readonly [fault: string, act: Act])[] = [
    ["relabel", (world, node) => somebody(world).label(node, "stratos.sh/pool", "another")],
    ["deleteNode", (world, node) => somebody(world).deleteNode(node)],
  ];
  it.each(hidden)("no pod is lost [%s]", async (_fault, act) => {
    await actDuringDrain(act);
  });
});

it("a pod that binds once EC2 stops its node gets the node back, or an event names it [bindLate]", async () => {
  const { world, instanceId } = await withNodeInUse();
  await expireNodes(world);
  await reconcileUntil(world, "a stop", async () => stateOf(world, instanceId) === "stopping");
  somebody(world).uncordon(nameOf(instanceId));
  addPendingPod(world, "late");
  bindPod(world, "late", nameOf(instanceId));
  await reconcileFor(world, 3 * MINUTE);
  expectNoPodsLost(world);
});
