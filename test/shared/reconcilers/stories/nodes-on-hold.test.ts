/** Pods that the scheduler binds to a stopped node that a person keeps from being started. */
import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { createDemandReconcile } from "../../../../shared/reconcilers/demand/reconcile.ts";
import { tolerateAllPod } from "../actors.ts";
import { CLUSTER, type World, warmedUp } from "../world.ts";

interface Event {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}

const HOLD = "stratos.sh/hold";

const eventsOf = (world: World) =>
  world.kube.in<Event>(paths.events("default")).filter(({ reason }) => reason === "NodeOnHold");

/** A pool with a pod bound to a node on hold, and the demand reconcile of one process. */
const withPodOnHold = async () => {
  const world = await warmedUp();
  const [record] = await world.records();
  const nodeName = record?.nodeName ?? "";
  world.kube.change(paths.node(nodeName), { metadata: { annotations: { [HOLD]: "Cordoned" } } });
  tolerateAllPod(world, nodeName).replace();
  const reconcile = createDemandReconcile(world.ports);
  return {
    world,
    nodeName,
    demand: () => reconcile({ key: CLUSTER, fence: 1, now: world.now, assertHeld: () => {} }),
  };
};

it("are told so, again after ten minutes, and the node is not started", async () => {
  const { world, nodeName, demand } = await withPodOnHold();
  for (let round = 0; round < 20; round += 1) {
    await demand();
    world.advance();
  }
  expect(eventsOf(world)).toEqual([
    expect.objectContaining({
      involvedObject: expect.objectContaining({ kind: "Pod", name: "tigera-operator" }),
      message: `${nodeName} is stopped and on hold: it is started once its annotation ${HOLD} is removed`,
      count: 1,
    }),
  ]);
  world.advance(10 * 60_000);
  await demand();
  expect(eventsOf(world)).toMatchObject([{ count: 2 }]);
  expect(world.ec2.starts).toEqual([]);
});

it("are not polled for", async () => {
  const { demand } = await withPodOnHold();
  expect(await demand()).toEqual({});
});

it("get their node started once it is released", async () => {
  const { world, nodeName, demand } = await withPodOnHold();
  await demand();
  world.kube.change(paths.node(nodeName), { metadata: { annotations: { [HOLD]: null } } });
  await demand();
  expect(world.ec2.starts.flat().map((id) => `node-${id}`)).toEqual([nodeName]);
});
