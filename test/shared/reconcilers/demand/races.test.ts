/**
 * Two demand reconciles and one pool reconcile at the same time, with their calls in any order. The lease prevents this, but it must do no harm
 * either.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { createDemandReconcile } from "../../../../shared/reconcilers/demand/reconcile.ts";
import { createPoolReconcile } from "../../../../shared/reconcilers/pool/reconcile.ts";
import type { ReconcilerPorts } from "../../../../shared/reconcilers/ports.ts";
import { addPendingPod, CLUSTER, states, type World, warmedUp } from "../world.ts";

/** Delays every call of the port until the scheduler releases it. */
const scheduled = <T extends object>(scheduler: fc.Scheduler, port: T): T =>
  Object.fromEntries(
    Object.entries(port).map(([name, method]) => [
      name,
      async (...args: unknown[]) => {
        await scheduler.schedule(Promise.resolve(), name);
        return method(...args);
      },
    ]),
  ) as typeof port;

/** The world's ports with scheduled calls. */
const portsOf = async (world: World, scheduler: fc.Scheduler): Promise<ReconcilerPorts> => {
  const kube = scheduled(scheduler, await world.ports.kube(CLUSTER));
  return {
    ...world.ports,
    kube: async () => kube,
    slots: scheduled(scheduler, world.ports.slots),
    ec2: scheduled(scheduler, world.ports.ec2),
    unavailableOfferings: scheduled(scheduler, world.ports.unavailableOfferings),
    zoneDemand: scheduled(scheduler, world.ports.zoneDemand),
    launchRequests: scheduled(scheduler, world.ports.launchRequests),
  };
};

const lease = (world: World, key: string) => ({ key, fence: 1, now: world.now, assertHeld: () => {} });

const reconcileDemand = async (world: World, scheduler: fc.Scheduler) =>
  createDemandReconcile(await portsOf(world, scheduler))(lease(world, CLUSTER));

const reconcilePool = async (world: World, scheduler: fc.Scheduler) =>
  createPoolReconcile(await portsOf(world, scheduler))(lease(world, `${CLUSTER}/${world.pool}`));

it("concurrent reconciles start no instance twice, start none too many, and launch nothing twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 6 }), async (scheduler, pods) => {
      const world = await warmedUp({ spec: { poolSize: 12, minStandby: 4 }, subnets: 2 });
      for (let pod = 1; pod <= pods; pod += 1) addPendingPod(world, `pod-${pod}`, "2");
      const reconciles = [reconcileDemand, reconcileDemand, reconcilePool].map((run) => run(world, scheduler));
      await scheduler.waitFor(Promise.allSettled(reconciles));
      const started = world.ec2.starts.flat();
      expect(new Set(started).size).toBe(started.length);
      expect(started).toHaveLength(Math.min(pods, 4));
      for (let round = 0; round < 3; round += 1) {
        await world.reconcilePool();
        await world.reconcileDemand();
      }
      const overflow = (await world.records()).filter((record) => record.overflow !== undefined);
      expect(overflow).toHaveLength(Math.max(0, pods - 4));
      expect((await states(world)).filter((state) => state === "running")).toHaveLength(Math.min(pods, 4));
    }),
    { numRuns: 60 },
  );
});
