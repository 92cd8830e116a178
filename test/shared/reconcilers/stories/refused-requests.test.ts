/** An API server that is busy, or that asks webhooks which refuse what Stratos wants. */
import { describe, expect, it } from "vitest";
import { KubeError } from "../../../../shared/kube/client.ts";
import { paths } from "../../../../shared/kube/paths.ts";
import type { countingTelemetry } from "../../queue/in-memory.ts";
import { deniedByWebhook, invalid, throttled, webhookTimeout } from "../kube-errors.ts";
import { addPendingPod, bindPod, reconcileUntil, type World, warmedUp, withNodeInUse } from "../world.ts";

const MINUTE = 60_000;
const POD = paths.pod("default", "pod");

const stateOf = ({ ec2 }: World, instanceId: string) => ec2.instances.get(instanceId)?.state;
const isThere = ({ kube }: World, pod: string) => kube.at(paths.pod("default", pod)) !== undefined;

const drainByAge = async (world: World) => {
  world.kube.change(paths.nodePool(world.pool), { spec: { maxNodeRuntime: "10m" } });
  world.advance(10 * MINUTE);
  await world.reconcilePool().catch(() => {});
};

/** Reconciles for so long, as often as the reconciler itself asks; after a failure every 10 s. */
const reconcileFor = async (world: World, durationMs: number) => {
  const end = world.now() + durationMs;
  while (world.now() < end) {
    const { requeueAt = world.now() + 30_000 } = await world.reconcilePool().catch(() => ({
      requeueAt: world.now() + 10_000,
    }));
    world.advance(Math.max(1_000, Math.min(requeueAt, end) - world.now()));
  }
};

/** Two nodes in use, each with one pod, and standby that can take both. */
const withTwoNodesInUse = async () => {
  const world = await warmedUp({ spec: { poolSize: 4, minStandby: 2, disruption: { maxUnavailable: "100%" } } });
  for (const name of ["pod", "other"]) addPendingPod(world, name, "1500m");
  await world.reconcileDemand();
  const started = world.ec2.starts.flat();
  const isOpen = (instanceId: string) => world.node(instanceId)?.spec?.taints?.length === 0;
  await reconcileUntil(world, "open nodes", async () => started.every(isOpen));
  const [first = "", second = ""] = started;
  bindPod(world, "pod", `node-${first}`);
  bindPod(world, "other", `node-${second}`);
  await world.reconcilePool();
  return { world, first, second };
};

describe("an API server that throttles", () => {
  it("evictions does not slow down a drain for longer than it throttles", async () => {
    const { world } = await withNodeInUse();
    const end = world.kube.refuse({ method: "create", path: "/eviction", error: throttled() });
    await drainByAge(world);
    await reconcileFor(world, 70_000);
    expect(isThere(world, "pod")).toBe(true);
    end();
    await reconcileFor(world, 10_000);
    expect(isThere(world, "pod")).toBe(false);
  });

  it("lists fails the reconcile and stops nothing", async () => {
    const { world, instanceId } = await withNodeInUse();
    world.kube.refuse({ method: "list", error: throttled() });
    await drainByAge(world);
    await reconcileFor(world, 20 * MINUTE);
    expect(stateOf(world, instanceId)).toBe("running");
    expect(isThere(world, "pod")).toBe(true);
  });
});

describe.each([
  ["denies", deniedByWebhook("not this one")],
  ["times out on", webhookTimeout()],
])("a webhook that %s", (_how, error) => {
  it("one eviction: the pod is deleted after drainTimeout and the node stopped", async () => {
    const { world, instanceId } = await withNodeInUse();
    world.kube.refuse({ method: "create", path: "/eviction", error });
    await drainByAge(world);
    await reconcileFor(world, 7 * MINUTE);
    expect(isThere(world, "pod")).toBe(false);
    expect(stateOf(world, instanceId)).not.toBe("running");
  });

  it("one eviction: the pool's other timers hold", async () => {
    const { world } = await withTwoNodesInUse();
    world.kube.refuse({ method: "create", path: `${POD}/eviction`, error });
    world.kube.change(paths.nodePool(world.pool), { spec: { maxNodeRuntime: "10m" } });
    world.advance(10 * MINUTE);
    await world.reconcilePool();
    const { requeueAt = Number.POSITIVE_INFINITY } = await world.reconcilePool();
    expect(requeueAt).toBeLessThanOrEqual(world.now() + 30_000);
  });

  it("one eviction: the other node is drained and stopped", async () => {
    const { world, second } = await withTwoNodesInUse();
    world.kube.refuse({ method: "create", path: `${POD}/eviction`, error });
    await drainByAge(world);
    await reconcileFor(world, MINUTE);
    expect(isThere(world, "other")).toBe(false);
    expect(stateOf(world, second)).not.toBe("running");
  });

  it("evictions and deletions of a pod: the drain ends and says which pod it left", async () => {
    const { world, instanceId } = await withNodeInUse();
    world.kube.refuse({ method: "create", path: "/eviction", error });
    world.kube.refuse({ method: "delete", path: POD, error });
    await drainByAge(world);
    await reconcileFor(world, 15 * MINUTE);
    expect(stateOf(world, instanceId)).not.toBe("running");
    const events = world.kube.in<{ reason: string; message: string }>(paths.events("default"));
    expect(events.map(({ message }) => message).join()).toContain("default/pod");
  });

  it("changes of one node: another node still returns to standby", async () => {
    const { world, first, second } = await withTwoNodesInUse();
    world.kube.refuse({ method: "patch", path: paths.node(`node-${first}`), error });
    for (const pod of ["pod", "other"]) world.kube.objects.delete(paths.pod("default", pod));
    await reconcileFor(world, 10 * MINUTE);
    expect(stateOf(world, second)).toBe("stopped");
    expect(stateOf(world, first)).toBe("running");
  });
});

describe("a call that fails for one instance", () => {
  /** Both nodes are empty; their return to standby begins with this reconcile. */
  const emptied = async () => {
    const stage = await withTwoNodesInUse();
    for (const pod of ["pod", "other"]) stage.world.kube.objects.delete(paths.pod("default", pod));
    await stage.world.reconcilePool();
    stage.world.advance(6 * MINUTE);
    return stage;
  };
  const patchOf = (instanceId: string) => ({ method: "patch", path: paths.node(`node-${instanceId}`) }) as const;

  it("is counted like a failed reconcile, and looked at again after a pause", async () => {
    const { world, first } = await emptied();
    const { counts } = world.ports.telemetry as ReturnType<typeof countingTelemetry>;
    expect(counts.reconcileErrors).toBeUndefined();
    world.kube.refuse({ ...patchOf(first), error: deniedByWebhook("not this one") });
    await world.reconcilePool();
    expect(counts.reconcileErrors).toBeGreaterThan(0);
    // The other node moved in this reconcile; in the next one there is only the failure to wait for.
    const { requeueAt = 0 } = await world.reconcilePool();
    expect(requeueAt).toBeGreaterThanOrEqual(world.now() + 5_000);
  });

  it("because somebody else keeps changing its node is repeated, but not without a pause, and is no error", async () => {
    const { world, first } = await emptied();
    const conflict = new KubeError(409, "Conflict", "the object has been modified");
    world.kube.refuse({ ...patchOf(first), error: conflict });
    for (let round = 0; round < 5; round += 1) await world.reconcilePool();
    const { requeueAt = 0 } = await world.reconcilePool();
    expect(requeueAt).toBeGreaterThanOrEqual(world.now() + 2_000);
    // A writer that is faster is not in the way for long.
    expect(requeueAt).toBeLessThan(world.now() + 5_000);
    const { counts } = world.ports.telemetry as ReturnType<typeof countingTelemetry>;
    expect(counts.reconcileErrors).toBeUndefined();
  });

  it("fails the whole reconcile if it is the table that refuses", async () => {
    const { world } = await emptied();
    world.ports.slots.write = async () => {
      throw Object.assign(new Error("Requested resource not found"), {
        name: "ResourceNotFoundException",
        $fault: "client",
      });
    };
    await expect(world.reconcilePool()).rejects.toThrow("Requested resource not found");
  });
});

it("a node whose patch is invalid does not fail the reconcile of its pool", async () => {
  const { world, first } = await withTwoNodesInUse();
  const error = invalid(`Node "node-${first}"`, "metadata.labels: Invalid value");
  world.kube.refuse({ method: "patch", path: paths.node(`node-${first}`), error });
  for (const pod of ["pod", "other"]) world.kube.objects.delete(paths.pod("default", pod));
  await world.reconcilePool();
  world.advance(6 * MINUTE);
  await expect(world.reconcilePool()).resolves.toMatchObject({ requeueAt: expect.any(Number) });
});
