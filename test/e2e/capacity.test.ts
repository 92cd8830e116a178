/** EC2 has no capacity, too little, or provides it slowly. */
import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import {
  apply,
  burstOf,
  burstPods,
  callsOf,
  condition,
  example,
  instancesByState,
  isSettled,
  MINUTE,
  pool,
  quickStart,
  startStratos,
  untilRunning,
} from "./stratos.ts";

const TYPE = "m5.large";

interface EventObject extends KubeObject {
  reason?: string;
  message?: string;
}

const eventsOf = ({ kube }: Environment, reason: string) =>
  kube.store.list<EventObject>("events", "default").filter((event) => event.reason === reason);

const zonesOf = ({ ec2 }: Environment, state: string) =>
  ec2.machines
    .list()
    .filter((machine) => machine.state === state)
    .map(({ zone }) => zone)
    .toSorted();

/** The quick start with subnets in three zones; `spec` overrides the pool's spec, `changes` the node class's. */
const inThreeZones = async (environment: Environment, spec: object, changes: object = {}): Promise<void> => {
  const [nodeClass] = example("quickstart/awsnodeclass.yaml");
  const subnets = [...environment.ec2.world.subnets.values()];
  const zones = new Map(subnets.map(({ id, zone }) => [zone, id]));
  const rest = nodeClass?.spec as Record<string, unknown>;
  const classSpec = { ...rest, subnetIds: [...zones.values()], instanceType: TYPE, ...changes };
  if (nodeClass) await apply(environment, [{ ...nodeClass, spec: classSpec }]);
  const pools = example("quickstart/nodepool.yaml");
  await apply(
    environment,
    pools.map((object) => ({ ...object, spec: { ...(object.spec as object), ...spec } })),
  );
  const { minStandby = 3 } = spec as { minStandby?: number };
  await environment.until("standby", () => isSettled(environment, minStandby), { withinMs: 15 * MINUTE });
};

describe("an offering without capacity", () => {
  it("is skipped, and standby in other zones serves the pods", async () => {
    const environment = await startStratos({ seed: 3 });
    await inThreeZones(environment, { poolSize: 6, minStandby: 3 });
    const zones = zonesOf(environment, "stopped");
    expect(new Set(zones).size).toBe(3);
    const [full = ""] = zones;
    environment.ec2.faults.setCapacity(full, TYPE, 0);
    await apply(environment, burstOf(4));
    await untilRunning(environment, 4);
    expect(zonesOf(environment, "running")).not.toContain(full);
    expect(environment.functions.denials()).toEqual([]);
  });

  it("in any zone makes the pool use the next instance type", async () => {
    const environment = await startStratos({ seed: 4 });
    await inThreeZones(environment, { poolSize: 8, minStandby: 1 }, { instanceTypes: [TYPE, "m6i.large"] });
    for (const zone of environment.ec2.world.subnets.values()) environment.ec2.faults.setCapacity(zone.zone, TYPE, 0);
    await apply(environment, burstOf(2));
    await untilRunning(environment, 2);
    const nodes = new Set(burstPods(environment).map(({ spec }) => spec.nodeName));
    const types = environment.ec2.machines
      .list()
      .filter(({ privateDnsName }) => nodes.has(privateDnsName))
      .map((machine) => machine.instanceType);
    expect(types).toEqual(["m6i.large"]);
    expect(eventsOf(environment, "InsufficientCapacity").length).toBeGreaterThan(0);
  });

  it("in the only zone keeps the pods pending, and serves them within minutes of capacity returning", async () => {
    const environment = await startStratos({ seed: 5 });
    await quickStart(environment);
    const zones = environment.ec2.machines.list().map(({ zone }) => zone);
    for (const zone of zones) environment.ec2.faults.setCapacity(zone, TYPE, 0);
    await apply(environment, burstOf(1));
    await environment.clock.sleep(4 * MINUTE);
    expect(burstPods(environment).map(({ status }) => status?.phase)).toEqual(["Pending"]);
    expect(eventsOf(environment, "InsufficientCapacity").length).toBeGreaterThan(0);
    // A rejected start costs a few calls every three minutes, not one per reconcile.
    const asked = environment.ec2.calls().filter(({ action }) => action === "StartInstances").length;
    expect(asked).toBeLessThanOrEqual(6);
    for (const zone of zones) environment.ec2.faults.clearCapacity(zone, TYPE);
    const before = environment.clock.now();
    await untilRunning(environment, 1);
    expect(environment.clock.now() - before).toBeLessThan(5 * MINUTE);
  });
});

describe("demand beyond standby", () => {
  it("launches exactly the instances it needs at once and is served", async () => {
    const environment = await startStratos({ seed: 6 });
    await quickStart(environment, { poolSize: 10, minStandby: 3 });
    await apply(environment, burstOf(10));
    await untilRunning(environment, 10);
    expect(callsOf(environment, "StartInstances").flatMap(({ ids }) => ids)).toHaveLength(5);
    expect(instancesByState(environment).running).toBe(5);
  });

  it("waits for standby when overflow is None, and never exceeds poolSize", async () => {
    const environment = await startStratos({ seed: 7 });
    await quickStart(environment, { poolSize: 4, minStandby: 3, scaleUp: { overflow: "None" } });
    await apply(environment, burstOf(10));
    await untilRunning(environment, 8);
    await environment.until("four nodes run", () => pool(environment)?.status?.running === 4, {
      withinMs: 10 * MINUTE,
    });
    expect(environment.ec2.machines.list().filter(({ state }) => state !== "terminated")).toHaveLength(4);
    expect(condition(environment, "Degraded")).toBe("True AtCapacity");
    expect(pool(environment)?.status).toMatchObject({ pendingPods: 2, unservedPods: 2 });
  });
});

it("a burst across many zones is never throttled", async () => {
  const environment = await startStratos({ seed: 8 });
  await inThreeZones(environment, { poolSize: 12, minStandby: 9 });
  await apply(environment, burstOf(18));
  await untilRunning(environment, 18);
  const throttled = environment.ec2.calls().filter(({ error }) => error === "RequestLimitExceeded");
  expect(throttled).toEqual([]);
  expect(callsOf(environment, "StartInstances").flatMap(({ ids }) => ids)).toHaveLength(9);
});
