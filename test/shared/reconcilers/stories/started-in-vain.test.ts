/** The scheduler knows rules that demand does not, so it may have no node for a pod although the node that was started for it is open. */
import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { KubePod } from "../../../../shared/model/kubernetes/objects.ts";
import { addPendingPod, bindPod, type World, warmedUp } from "../world.ts";

const SAID = "0/3 nodes are available: 3 node(s) unavailable due to a rule of its own.";
const MINUTE = 60_000;

const addRefusedPod = (world: World, name: string, cpu = "2"): void => {
  addPendingPod(world, name, cpu);
  const pod = world.kube.at<KubePod>(paths.pod("default", name));
  const conditions = pod?.status?.conditions?.map((condition) => ({ ...condition, message: SAID })) ?? [];
  world.kube.change(paths.pod("default", name), { status: { conditions } } as Partial<KubePod>);
};

const startCount = (world: World): number => world.ec2.starts.flat().length;

const pass = async (world: World, minutes: number): Promise<void> => {
  for (let seconds = 0; seconds < minutes * 60; seconds += 15) {
    await world.reconcileDemand();
    await world.reconcilePool();
    world.advance(15_000);
  }
};

const eventsInVain = (world: World) =>
  world.kube
    .in<{ reason: string; type: string; message: string; involvedObject: { name: string } }>(paths.events("default"))
    .filter(({ reason }) => reason === "StartedInVain");

const SPEC = { poolSize: 12, minStandby: 6, scaleUp: { overflow: "None" } } as const;

it("a pod that the scheduler never binds starts ever fewer nodes, and is told which node was started for it and what the scheduler says", async () => {
  const world = await warmedUp({ spec: SPEC });
  addRefusedPod(world, "stuck");
  await pass(world, 1);
  const [first] = world.ec2.starts.flat();
  expect(eventsInVain(world)).toMatchObject([{ type: "Warning", involvedObject: { name: "stuck" } }]);
  const { message } = eventsInVain(world)[0] ?? {};
  expect(message).toContain(`node node-${first} was started for this pod`);
  expect(message).toContain("in 1 min at the earliest");
  expect(message).toContain(SAID);
  expect(startCount(world)).toBe(1);
  await pass(world, 60);
  // Starts take about a minute each, backoffs 1, 2, 4, 8 and 16 min.
  expect(startCount(world)).toBe(6);
});

it("a pod that launches brought no node backs off likewise", async () => {
  const spec = { poolSize: 12, minStandby: 0, preWarm: { completionMode: "ControllerStop" } } as const;
  const world = await warmedUp({ spec });
  addRefusedPod(world, "stuck");
  await pass(world, 30);
  expect(world.ec2.launches.length + startCount(world)).toBe(5);
});

it("equivalent pods back off together, others do not", async () => {
  const world = await warmedUp({ spec: SPEC });
  addRefusedPod(world, "stuck");
  await pass(world, 1);
  addRefusedPod(world, "another-of-the-kind");
  await world.reconcileDemand();
  expect(startCount(world)).toBe(1);
  addPendingPod(world, "small", "1900m");
  await world.reconcileDemand();
  expect(startCount(world)).toBe(2);
});

it("in a crowd, a few pods are told, and no node is started for any of them before the backoff ends", async () => {
  const world = await warmedUp({ spec: { ...SPEC, poolSize: 40, minStandby: 40 } });
  for (let index = 0; index < 30; index += 1) addRefusedPod(world, `stuck-${index}`);
  await pass(world, 1);
  expect(startCount(world)).toBe(30);
  expect(eventsInVain(world)).toHaveLength(10);
});

it("a pod whose room others took gets another node at once", async () => {
  const world = await warmedUp({ spec: SPEC });
  addPendingPod(world, "late", "2");
  await world.reconcileDemand();
  const [first] = world.ec2.starts.flat();
  for (let seconds = 0; seconds < 30; seconds += 10) {
    world.advance(10_000);
    await world.reconcilePool();
  }
  addPendingPod(world, "quick", "1");
  bindPod(world, "quick", `node-${first}`);
  world.advance(MINUTE / 2);
  await world.reconcileDemand();
  expect(eventsInVain(world)).toEqual([]);
  expect(startCount(world)).toBe(2);
});
