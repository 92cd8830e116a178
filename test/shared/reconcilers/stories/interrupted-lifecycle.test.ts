/** The lifecycle of a pool, interrupted at each call that it makes. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { LaunchSpec } from "../../../../shared/model/ec2.ts";
import { UNAVAILABLE_FOR_MS } from "../../../../shared/model/unavailable-offerings.ts";
import { INTERRUPTION_KINDS, interruptEveryCall, recoverUntil } from "../every-call.ts";
import { refusal } from "../fake-ec2.ts";
import { CLUSTER, createWorld, living, reconcileUntil, states, type World, warmedUp } from "../world.ts";

/** minStandby equals poolSize, so any surplus launch shows. */
const POOL_SIZE = 2;
const OPTIONS = { spec: { poolSize: POOL_SIZE, minStandby: POOL_SIZE } };

const isFull = async (world: World) => (await states(world)).join() === "standby,standby";

const recover = (world: World, holds: () => Promise<boolean>) =>
  recoverUntil(world, world.reconcilePool, holds, () => expect(living(world).length).toBeLessThanOrEqual(POOL_SIZE));

/** The next reconcile changes nothing. */
const expectStable = async (world: World) => {
  await reconcileUntil(world, "current tags", async () =>
    living(world).every(({ tags }) => tags["stratos.sh/state"] === "standby"),
  );
  const before = world.interruptions.calls.length;
  await world.reconcilePool();
  const changes = world.interruptions.calls.slice(before).filter((call) => !/get|list|read|describe/.test(call));
  expect(changes).toEqual([]);
};

/** `undone`: so many instances are launched in addition, and terminated by EC2 itself. */
const CAPACITY_CASES: readonly {
  readonly name: string;
  readonly begin: (world: World) => void;
  readonly end: (world: World) => void | Promise<void>;
  readonly undone?: number;
}[] = [
  { name: "enough capacity", begin: () => {}, end: () => {} },
  {
    name: "capacity for half of it at first",
    begin: ({ ec2 }) => {
      ec2.maxPerLaunch = 1;
    },
    end: ({ ec2 }) => {
      ec2.maxPerLaunch = POOL_SIZE;
    },
  },
  {
    name: "its first launches refused",
    begin: ({ ec2 }) => {
      ec2.refusals.runInstances = refusal("InsufficientInstanceCapacity");
    },
    end: ({ ec2, advance }) => {
      delete ec2.refusals.runInstances;
      // Until then the offering is marked as unavailable.
      advance(UNAVAILABLE_FOR_MS);
    },
  },
  {
    name: "its first launches undone",
    begin: ({ ec2 }) => ec2.faults.failLaunches(POOL_SIZE, "Server.InternalError"),
    end: async ({ reconcilePool, interruptions, advance }) => {
      advance();
      await reconcilePool().catch(() => {});
      if (interruptions.hasHappened()) interruptions.disarm();
      advance(UNAVAILABLE_FOR_MS);
    },
    undone: POOL_SIZE,
  },
  {
    name: "a look that comes ten minutes late",
    begin: () => {},
    end: ({ advance }) => advance(600_000),
  },
  {
    name: "reads of EC2 that lag",
    begin: ({ ec2 }) => ec2.faults.lagReads(30_000),
    end: () => {},
  },
];

describe.each(INTERRUPTION_KINDS)("if a function %s a call", (kind) => {
  it.each(CAPACITY_CASES)("a new pool gets one instance per slot, with $name", async ({ begin, end, undone = 0 }) => {
    const start = async () => {
      const world = createWorld(OPTIONS);
      begin(world);
      return world;
    };
    const calls = await interruptEveryCall(kind, start, async (world) => {
      await world.reconcilePool().catch(() => {});
      if (world.interruptions.hasHappened()) world.interruptions.disarm();
      await end(world);
      await recover(world, () => isFull(world));
      expect(living(world).map(({ state }) => state)).toEqual(["stopped", "stopped"]);
      expect(world.ec2.instances.size).toBe(POOL_SIZE + undone);
      world.interruptions.disarm();
      world.ec2.faults.lagReads(0);
      await expectStable(world);
    });
    expect(calls).toBeGreaterThan(40);
  });

  it("a deleted pool leaves nothing behind", async () => {
    const start = async () => {
      const world = await warmedUp(OPTIONS);
      const key = { cluster: CLUSTER, pool: world.pool };
      await world.ports.zoneDemand.write(key, { "zone-of-subnet-0": { count: 1, at: world.now() } });
      await world.ports.launchRequests.write(key, { id: "a", askedAt: world.now(), launches: [], seen: {} });
      await world.ports.slots.saveLaunch(key, { clientToken: "answered" } as LaunchSpec);
      await world.kube.port.delete(paths.nodePool(world.pool));
      return world;
    };
    const isGone = async (world: World) => world.kube.at(paths.nodePool(world.pool)) === undefined;
    const calls = await interruptEveryCall(kind, start, async (world) => {
      await recover(world, () => isGone(world));
      expect(living(world)).toEqual([]);
      expect(world.memory.size()).toBe(0);
      expect(world.kube.in(paths.nodes())).toEqual([]);
    });
    expect(calls).toBeGreaterThan(10);
  });
});
