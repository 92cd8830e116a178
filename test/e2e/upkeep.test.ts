import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import {
  apply,
  burstOf,
  burstPods,
  callsOf,
  condition,
  instancesByState,
  isSettled,
  MINUTE,
  type NodeObject,
  pool,
  shareStratos,
  untilRunning,
} from "./stratos.ts";

const POOL = "/apis/stratos.sh/v1alpha1/nodepools/workers";
const CLASS = "/apis/stratos.sh/v1alpha1/awsnodeclasses/workers";

const stratos = shareStratos();

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

const isRefreshed = (environment: Environment, imageId: string) =>
  isSettled(environment, 3) && living(environment).every((machine) => machine.imageId === imageId);

describe("a class with a new image", () => {
  it("has its standby replaced, and always at least minStandby of it ready", async () => {
    const environment = await stratos();
    const imageId = otherImage(environment);
    await patch(environment, CLASS, { ami: imageId });
    const ready: number[] = [];
    await environment.until(
      "all standby has the new image",
      () => {
        ready.push(pool(environment)?.status?.standby ?? 0);
        return isRefreshed(environment, imageId);
      },
      { withinMs: 30 * MINUTE },
    );
    expect(Math.min(...ready)).toBe(3);
    expect(instancesByState(environment)).toEqual({ stopped: 3 });
    expect(callsOf(environment, "TerminateInstances").every(({ ids }) => ids.length === 1)).toBe(true);
    expect(environment.functions.denials()).toEqual([]);
  });

  it("has its standby replaced one at a time when the pool is full", async () => {
    const environment = await stratos({ poolSize: 3 });
    const imageId = otherImage(environment);
    await patch(environment, CLASS, { ami: imageId });
    const ready: number[] = [];
    await environment.until(
      "all standby has the new image",
      () => {
        ready.push(pool(environment)?.status?.standby ?? 0);
        expect(living(environment).length).toBeLessThanOrEqual(3);
        return isRefreshed(environment, imageId);
      },
      { withinMs: 30 * MINUTE },
    );
    expect(Math.min(...ready)).toBe(2);
  });
});

describe("a pool that is changed", () => {
  it("to a dry run lists its planned actions and executes none", async () => {
    const environment = await stratos();
    await patch(environment, POOL, { dryRun: true, minStandby: 5 });
    const plan = () => pool(environment)?.status?.plan;
    await environment.until("the pool has a plan", () => plan() !== undefined, { withinMs: MINUTE });
    await environment.clock.sleep(2 * MINUTE);
    expect(plan()).toContain("launch 2 (Replenish)");
    expect(instancesByState(environment)).toEqual({ stopped: 3 });
    await patch(environment, POOL, { dryRun: false });
    await environment.until("five are standby", () => isSettled(environment, 5), { withinMs: 10 * MINUTE });
    expect(plan()).toBeUndefined();
  });

  it("to a smaller minStandby terminates the surplus, one instance at a time", async () => {
    const environment = await stratos({ poolSize: 5, minStandby: 5 });
    await environment.until("five are standby", () => isSettled(environment, 5), { withinMs: 10 * MINUTE });
    await patch(environment, POOL, { minStandby: 3, scaleDown: { surplusStandbyTTL: "5m" } });
    await environment.until("three are left", () => living(environment).length === 3, { withinMs: 15 * MINUTE });
    expect(callsOf(environment, "TerminateInstances").map(({ ids }) => ids.length)).toEqual([1, 1]);
  });

  it("to paused starts nothing, and resumes afterwards", async () => {
    const environment = await stratos({ paused: false });
    await patch(environment, POOL, { paused: true });
    await environment.until("the pool is paused", () => condition(environment, "Paused") === "True Paused", {
      withinMs: MINUTE,
    });
    await apply(environment, burstOf(1));
    await environment.clock.sleep(3 * MINUTE);
    expect(callsOf(environment, "StartInstances")).toEqual([]);
    await patch(environment, POOL, { paused: false });
    await untilRunning(environment, 1);
    expect(condition(environment, "Paused")).toBe("False Active");
  });

  it("to a smaller poolSize loses standby and empty nodes, but no node in use", async () => {
    const environment = await stratos();
    await apply(environment, burstOf(2));
    await untilRunning(environment, 2);
    await patch(environment, POOL, { poolSize: 1, minStandby: 0 });
    await environment.until("one is left", () => living(environment).length === 1, { withinMs: 15 * MINUTE });
    expect(instancesByState(environment)).toEqual({ running: 1 });
    expect(burstPods(environment).map(({ status }) => status?.phase)).toEqual(["Running", "Running"]);
  });
});

it("a standby node that someone uncordoned is cordoned and tainted again before it is started", async () => {
  const environment = await stratos();
  const [node] = environment.kube.store.list<NodeObject>("nodes");
  const path = `/api/v1/nodes/${node?.metadata.name}`;
  await environment.kube.client.patch(path, "merge", { spec: { unschedulable: null, taints: null } });
  const found = () => environment.kube.store.get<NodeObject>("nodes", node?.metadata.name ?? "")?.spec;
  await environment.until("the node is cordoned", () => found()?.unschedulable === true, { withinMs: MINUTE });
  expect(found()?.taints?.map(({ key }) => key)).toEqual(
    expect.arrayContaining(["stratos.sh/standby", "stratos.sh/not-ready", "node.eks.amazonaws.com/not-ready"]),
  );
});
