import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import {
  apply,
  burstOf,
  burstPods,
  callsOf,
  condition,
  endBurst,
  instancesByState,
  isAtRest,
  MINUTE,
  type NodeObject,
  pool,
  QUICK_TO_STOP,
  quickStart,
  startStratos,
  untilRunning,
} from "./stratos.ts";

const POOL = "/apis/stratos.sh/v1alpha1/nodepools/workers";
const CLASS = "/apis/stratos.sh/v1alpha1/awsnodeclasses/workers";

const patch = ({ kube }: Environment, path: string, spec: object) => kube.client.patch(path, "merge", { spec });

const living = ({ ec2 }: Environment) => ec2.machines.list().filter(({ state }) => state !== "terminated");

const otherImage = ({ ec2 }: Environment): string => {
  const used = new Set(living({ ec2 } as Environment).map(({ imageId }) => imageId));
  const found = [...ec2.world.images.values()].find(
    ({ id, architecture, name }) => !used.has(id) && architecture === "x86_64" && /amazon-eks-node-al2023/.test(name),
  );
  if (!found) throw new Error("the account has no other image");
  return found.id;
};

const isRenewed = (embedded: Environment, imageId: string) =>
  isAtRest(embedded, 3) && living(embedded).every((machine) => machine.imageId === imageId);

describe("a class that gets another image", () => {
  it("has its standby replaced, and never less of it ready than minStandby", async () => {
    const embedded = await startStratos();
    await quickStart(embedded);
    const imageId = otherImage(embedded);
    await patch(embedded, CLASS, { ami: imageId });
    const ready: number[] = [];
    await embedded.until(
      "all standby has the new image",
      () => {
        ready.push(pool(embedded)?.status?.standby ?? 0);
        return isRenewed(embedded, imageId);
      },
      { withinMs: 30 * MINUTE },
    );
    expect(Math.min(...ready)).toBe(3);
    expect(instancesByState(embedded)).toEqual({ stopped: 3 });
    expect(callsOf(embedded, "TerminateInstances").every(({ ids }) => ids.length === 1)).toBe(true);
    expect(embedded.functions.denials()).toEqual([]);
  });

  it("replaces one at a time where the pool is full", async () => {
    const embedded = await startStratos({ seed: 2 });
    await quickStart(embedded, { poolSize: 3 });
    const imageId = otherImage(embedded);
    await patch(embedded, CLASS, { ami: imageId });
    const ready: number[] = [];
    await embedded.until(
      "all standby has the new image",
      () => {
        ready.push(pool(embedded)?.status?.standby ?? 0);
        expect(living(embedded).length).toBeLessThanOrEqual(3);
        return isRenewed(embedded, imageId);
      },
      { withinMs: 30 * MINUTE },
    );
    expect(Math.min(...ready)).toBe(2);
  });

  it("serves a burst in the middle of it", async () => {
    const embedded = await startStratos({ seed: 3 });
    await quickStart(embedded, QUICK_TO_STOP);
    const imageId = otherImage(embedded);
    await patch(embedded, CLASS, { ami: imageId });
    await embedded.until("the first is being replaced", () => living(embedded).length === 4, { withinMs: 5 * MINUTE });
    await apply(embedded, burstOf(4));
    await untilRunning(embedded, 4);
    await endBurst(embedded);
    await embedded.until("all standby has the new image", () => isRenewed(embedded, imageId), {
      withinMs: 60 * MINUTE,
    });
  });
});

describe("a pool that is changed", () => {
  it("to a smaller poolSize loses standby and empty nodes, but no node in use", async () => {
    const embedded = await startStratos({ seed: 4 });
    await quickStart(embedded);
    await apply(embedded, burstOf(2));
    await untilRunning(embedded, 2);
    await patch(embedded, POOL, { poolSize: 1, minStandby: 0 });
    await embedded.until("one is left", () => living(embedded).length === 1, { withinMs: 15 * MINUTE });
    expect(instancesByState(embedded)).toEqual({ running: 1 });
    expect(burstPods(embedded).map(({ status }) => status?.phase)).toEqual(["Running", "Running"]);
  });

  it("to a smaller minStandby ends what is surplus, one at a time", async () => {
    const embedded = await startStratos({ seed: 5 });
    await quickStart(embedded);
    await patch(embedded, POOL, { minStandby: 1, scaleDown: { surplusStandbyTTL: "5m" } });
    await embedded.clock.sleep(2 * MINUTE);
    expect(instancesByState(embedded)).toEqual({ stopped: 3 });
    await embedded.until("one is left", () => living(embedded).length === 1, { withinMs: 15 * MINUTE });
    expect(callsOf(embedded, "TerminateInstances").map(({ ids }) => ids.length)).toEqual([1, 1]);
  });

  it("to be paused begins nothing, and takes it up again", async () => {
    const embedded = await startStratos({ seed: 6 });
    await quickStart(embedded, { paused: false });
    await patch(embedded, POOL, { paused: true });
    await embedded.until("it says so", () => condition(embedded, "Paused") === "True Paused", { withinMs: MINUTE });
    await apply(embedded, burstOf(1));
    await embedded.clock.sleep(3 * MINUTE);
    expect(callsOf(embedded, "StartInstances")).toEqual([]);
    await patch(embedded, POOL, { paused: false });
    await untilRunning(embedded, 1);
    expect(condition(embedded, "Paused")).toBe("False Active");
  });

  it("to a dry run lists what it would do, and does nothing", async () => {
    const embedded = await startStratos({ seed: 7 });
    await quickStart(embedded);
    await patch(embedded, POOL, { dryRun: true, minStandby: 5 });
    const plan = () => pool(embedded)?.status?.plan;
    await embedded.until("it has a plan", () => plan() !== undefined, { withinMs: MINUTE });
    await embedded.clock.sleep(2 * MINUTE);
    expect(plan()).toEqual(["launch 2 (Replenish)"]);
    expect(instancesByState(embedded)).toEqual({ stopped: 3 });
    await patch(embedded, POOL, { dryRun: false });
    await embedded.until("five are standby", () => isAtRest(embedded, 5), { withinMs: 10 * MINUTE });
    expect(plan()).toBeUndefined();
  });
});

it("a standby node that somebody opened is shut again before it is started", async () => {
  const embedded = await startStratos({ seed: 8 });
  await quickStart(embedded);
  const [node] = embedded.kube.store.list<NodeObject>("nodes");
  const path = `/api/v1/nodes/${node?.metadata.name}`;
  await embedded.kube.client.patch(path, "merge", { spec: { unschedulable: null, taints: null } });
  const found = () => embedded.kube.store.get<NodeObject>("nodes", node?.metadata.name ?? "")?.spec;
  await embedded.until("it is shut", () => found()?.unschedulable === true, { withinMs: MINUTE });
  expect(found()?.taints?.map(({ key }) => key)).toEqual(
    expect.arrayContaining(["stratos.sh/standby", "stratos.sh/not-ready", "node.eks.amazonaws.com/not-ready"]),
  );
});
