/** EC2 accepts a start or a launch and then undoes it: pending → stopped, or pending → terminated. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { NodePool } from "../../../../shared/model/api/types.ts";
import { addPendingPod, createWorld, states, type World, warmedUp } from "../world.ts";

const degraded = ({ kube, pool }: World) =>
  kube.at<NodePool>(paths.nodePool(pool))?.status?.conditions?.find(({ type }) => type === "Degraded");

const eventsOf = ({ kube }: World) => kube.in<{ reason: string; message: string }>(paths.events("default"));

const pass = async (world: World, minutes: number): Promise<void> => {
  for (let round = 0; round < minutes * 6; round += 1) {
    await world.reconcileDemand();
    await world.reconcilePool();
    world.advance();
  }
};

/** One pending pod, and a standby instance in each of two zones; EC2 undoes every start in the first zone. */
const withUndoneStarts = async (): Promise<World> => {
  const world = await warmedUp({ subnets: 2, spec: { poolSize: 2, minStandby: 2 } });
  addPendingPod(world, "pod");
  world.ec2.faults.failStarts(({ zone }) => zone === "zone-of-subnet-0", "Client.InternalError");
  await pass(world, 10);
  return world;
};

describe("a start that EC2 undoes", () => {
  it("is not repeated on the same instance for ever", async () => {
    const world = await withUndoneStarts();
    expect(world.ec2.starts.flat().filter((id) => id === "i-00000001").length).toBeLessThanOrEqual(4);
  });

  it("leaves the pod to other standby", async () => {
    const world = await withUndoneStarts();
    expect(world.ec2.starts.flat()).toContain("i-00000002");
  });

  it("is not reported as a stop from outside", async () => {
    const world = await withUndoneStarts();
    expect(eventsOf(world).filter(({ message }) => message.includes("from outside"))).toEqual([]);
  });

  it("by a KMS key that refuses is reported with EC2's reason", async () => {
    const world = await withUndoneStarts();
    const reported = [degraded(world)?.message, ...eventsOf(world).map(({ message }) => message)];
    expect(reported.join("\n")).toContain("Client.InternalError");
  });

  it("serves again once EC2 carries it out", async () => {
    const world = await withUndoneStarts();
    world.ec2.faults.failStarts([], "Client.InternalError");
    addPendingPod(world, "another", "600m");
    await pass(world, 1);
    expect(world.ec2.inState("running")).not.toEqual([]);
  });
});

const withUndoneLaunches = async (): Promise<World> => {
  const world = createWorld({ subnets: 2, spec: { poolSize: 6, minStandby: 3 } });
  world.ec2.faults.failLaunches(Number.POSITIVE_INFINITY, "Client.InternalError");
  await pass(world, 10);
  return world;
};

describe("a launch that EC2 undoes", () => {
  it("is repeated with a growing pause", async () => {
    const world = await withUndoneLaunches();
    expect(world.ec2.launches.length).toBeLessThanOrEqual(20);
  });

  it("makes the pool Degraded", async () => {
    const world = await withUndoneLaunches();
    expect(degraded(world)?.status).toBe("True");
  });

  it("is reported with EC2's reason, not as a termination from outside", async () => {
    const world = await withUndoneLaunches();
    const reported = eventsOf(world).map(({ message }) => message);
    expect(reported.filter((message) => message.includes("from outside"))).toEqual([]);
    expect([degraded(world)?.message, ...reported].join("\n")).toContain("Client.InternalError");
  });

  it("while the function crashes does not block its slots", async () => {
    const world = createWorld({ spec: { poolSize: 3, minStandby: 3 } });
    world.ec2.faults.failLaunches(3, "Server.InternalError");
    world.interruptions.arm({ at: "ec2.runInstances", kind: "crashes after" });
    await expect(world.reconcilePool()).rejects.toThrow();
    world.interruptions.disarm();
    world.advance();
    for (let round = 0; round < 180; round += 1) {
      await world.reconcilePool().catch(() => {});
      world.advance();
    }
    expect(await states(world)).toEqual(["standby", "standby", "standby"]);
  });

  it("does not keep the pool from its standby once EC2 carries launches out", async () => {
    const world = createWorld({ spec: { poolSize: 6, minStandby: 3 } });
    world.ec2.faults.failLaunches(4, "Server.InternalError");
    await pass(world, 10);
    expect(world.ec2.inState("stopped")).toHaveLength(3);
  });
});
