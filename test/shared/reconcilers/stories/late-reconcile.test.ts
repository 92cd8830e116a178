/** The pool reconciles long after something happened: an outage, backoff, lost events, slow boots, a lost table. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { KubePod } from "../../../../shared/model/kubernetes/objects.ts";
import { ANNOTATION, TAINT } from "../../../../shared/model/names.ts";
import { addPendingPod, bindPod, CLUSTER, createWorld, living, states, type World, warmedUp } from "../world.ts";

const reportReady = (world: World, instanceId: string, status: "True" | "False"): void => {
  const time = new Date(world.now()).toISOString();
  world.kube.change(paths.node(`node-${instanceId}`), {
    status: {
      conditions: ["Ready", "NetworkingReady"].map((type) => ({
        type,
        status,
        lastTransitionTime: time,
        lastHeartbeatTime: time,
      })),
    },
  });
};

const events = (world: World, reason: string) =>
  world.kube
    .in<{ reason: string; message: string }>(paths.events("default"))
    .filter((event) => event.reason === reason);

const isRunning = (world: World, pod: string): boolean =>
  world.kube.at<KubePod>(paths.pod("default", pod))?.metadata.deletionTimestamp === undefined &&
  world.kube.at(paths.pod("default", pod)) !== undefined;

const expectAllRunning = async (world: World, count: number): Promise<void> => {
  expect(await states(world)).toEqual(Array(count).fill("running"));
  expect(world.ec2.inState("running")).toHaveLength(count);
  expect(events(world, "StartTimeout")).toEqual([]);
};

/** A pool whose launch request is fulfilled by instances that serve at once. */
const withOverflow = async (count: number): Promise<World> => {
  const world = createWorld({
    spec: { poolSize: count, minStandby: 0, preWarm: { completionMode: "ControllerStop" } },
  });
  await world.reconcilePool();
  const launches = [{ instanceType: "m5.large", zone: "zone-of-subnet-0", count, demandSince: world.now() }];
  const request = { id: "request", askedAt: world.now(), launches, seen: {} };
  await world.ports.launchRequests.write({ cluster: CLUSTER, pool: world.pool }, request);
  await world.reconcilePool();
  return world;
};

describe.each([1, 20])("%i started nodes", (count) => {
  it("keep running if they became Ready in time and the pool reconciles after startTimeout", async () => {
    const world = await warmedUp({ spec: { poolSize: count, minStandby: count, reconciliationInterval: "5m" } });
    for (let index = 0; index < count; index += 1) addPendingPod(world, `pod-${index}`, "1500m");
    await world.reconcileDemand();
    await world.reconcilePool();
    world.advance(15_000);
    for (const [index, { instanceId = "" }] of (await world.records()).entries()) {
      reportReady(world, instanceId, "True");
      bindPod(world, `pod-${index}`, `node-${instanceId}`);
    }
    world.advance(130_000);
    await world.reconcilePool();
    await expectAllRunning(world, count);
    expect(isRunning(world, "pod-0")).toBe(true);
  });

  it("keep running if they boot longer than startTimeout and are Ready when it is checked", async () => {
    const world = await withOverflow(count);
    world.advance(20_000);
    for (let seconds = 20; seconds < 140; seconds += 30) {
      for (const { instanceId } of living(world)) reportReady(world, instanceId, "False");
      await world.reconcilePool();
      world.advance(30_000);
    }
    for (const { instanceId } of living(world)) reportReady(world, instanceId, "True");
    await world.reconcilePool();
    await expectAllRunning(world, count);
  });

  it("keep running if the table is lost after an hour of use", async () => {
    const world = await withOverflow(count);
    world.advance(40_000);
    for (const { instanceId } of living(world)) {
      world.kube.change(paths.node(`node-${instanceId}`), { spec: { taints: [TAINT.notReady] } });
    }
    await world.reconcilePool();
    for (const [index, { instanceId }] of living(world).entries()) {
      const node = world.node(instanceId);
      expect(node?.metadata.annotations?.[ANNOTATION.scaleUpStarted]).toBeUndefined();
      expect(node?.spec?.taints ?? []).toEqual([]);
      addPendingPod(world, `pod-${index}`);
      bindPod(world, `pod-${index}`, `node-${instanceId}`);
    }
    for (let minutes = 0; minutes < 60; minutes += 1) {
      world.advance(60_000);
      await world.reconcilePool();
    }
    for (const record of await world.records()) {
      await world.ports.slots.free({ cluster: CLUSTER, pool: world.pool }, record);
    }
    await world.reconcilePool();
    await expectAllRunning(world, count);
    expect(isRunning(world, "pod-0")).toBe(true);
  });
});

it("a late reconcile confirms a start with a single record write", async () => {
  const world = await warmedUp({ spec: { poolSize: 1, minStandby: 1, reconciliationInterval: "5m" } });
  addPendingPod(world, "pod", "1500m");
  await world.reconcileDemand();
  await world.reconcilePool();
  world.advance(15_000);
  const [before] = await world.records();
  reportReady(world, before?.instanceId ?? "", "True");
  world.advance(130_000);
  await world.reconcilePool();
  const [after] = await world.records();
  expect(after).toMatchObject({ version: (before?.version ?? 0) + 1, state: "running", readyAt: world.now() });
});
