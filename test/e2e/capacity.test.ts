/** EC2 has no capacity, or too little, or gives it slowly. */
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
  isAtRest,
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

const said = ({ kube }: Environment, reason: string) =>
  kube.store.list<EventObject>("events", "default").filter((event) => event.reason === reason);

const zonesOf = ({ ec2 }: Environment, state: string) =>
  ec2.machines
    .list()
    .filter((machine) => machine.state === state)
    .map(({ zone }) => zone)
    .toSorted();

/** The quick start with subnets of three zones, and what else `changes` says of its class. */
const inThreeZones = async (embedded: Environment, spec: object, changes: object = {}): Promise<void> => {
  const [nodeClass] = example("quickstart/awsnodeclass.yaml");
  const subnets = [...embedded.ec2.world.subnets.values()];
  const zones = new Map(subnets.map(({ id, zone }) => [zone, id]));
  const rest = nodeClass?.spec as Record<string, unknown>;
  const classSpec = { ...rest, subnetIds: [...zones.values()], instanceType: TYPE, ...changes };
  if (nodeClass) await apply(embedded, [{ ...nodeClass, spec: classSpec }]);
  const pools = example("quickstart/nodepool.yaml");
  await apply(
    embedded,
    pools.map((object) => ({ ...object, spec: { ...(object.spec as object), ...spec } })),
  );
  const { minStandby = 3 } = spec as { minStandby?: number };
  await embedded.until("standby", () => isAtRest(embedded, minStandby), { withinMs: 15 * MINUTE });
};

describe("a place without capacity", () => {
  it("is passed over: what is standby elsewhere serves", async () => {
    const embedded = await startStratos({ seed: 3 });
    await inThreeZones(embedded, { poolSize: 6, minStandby: 3 });
    const zones = zonesOf(embedded, "stopped");
    expect(new Set(zones).size).toBe(3);
    const [full = ""] = zones;
    embedded.ec2.faults.setCapacity(full, TYPE, 0);
    await apply(embedded, burstOf(4));
    await untilRunning(embedded, 4);
    expect(zonesOf(embedded, "running")).not.toContain(full);
    expect(embedded.functions.denials()).toEqual([]);
  });

  it("as every other leaves it to the next type", async () => {
    const embedded = await startStratos({ seed: 4 });
    await inThreeZones(embedded, { poolSize: 8, minStandby: 1 }, { instanceTypes: [TYPE, "m6i.large"] });
    for (const zone of embedded.ec2.world.subnets.values()) embedded.ec2.faults.setCapacity(zone.zone, TYPE, 0);
    await apply(embedded, burstOf(2));
    await untilRunning(embedded, 2);
    const nodes = new Set(burstPods(embedded).map(({ spec }) => spec.nodeName));
    const types = embedded.ec2.machines
      .list()
      .filter(({ privateDnsName }) => nodes.has(privateDnsName))
      .map((machine) => machine.instanceType);
    expect(types).toEqual(["m6i.large"]);
    expect(said(embedded, "InsufficientCapacity").length).toBeGreaterThan(0);
  });

  it("that is the only one leaves the pods waiting, and serves them within minutes of having some", async () => {
    const embedded = await startStratos({ seed: 5 });
    await quickStart(embedded);
    const places = embedded.ec2.machines.list().map(({ zone }) => zone);
    for (const zone of places) embedded.ec2.faults.setCapacity(zone, TYPE, 0);
    await apply(embedded, burstOf(1));
    await embedded.clock.sleep(4 * MINUTE);
    expect(burstPods(embedded).map(({ status }) => status?.phase)).toEqual(["Pending"]);
    expect(said(embedded, "InsufficientCapacity").length).toBeGreaterThan(0);
    // A refused start costs a few calls each three minutes, not one each look.
    const asked = embedded.ec2.calls().filter(({ action }) => action === "StartInstances").length;
    expect(asked).toBeLessThanOrEqual(6);
    for (const zone of places) embedded.ec2.faults.clearCapacity(zone, TYPE);
    const before = embedded.clock.now();
    await untilRunning(embedded, 1);
    expect(embedded.clock.now() - before).toBeLessThan(5 * MINUTE);
  });
});

describe("demand beyond standby", () => {
  it("is launched at once, as many as it needs, and served", async () => {
    const embedded = await startStratos({ seed: 6 });
    await quickStart(embedded, { poolSize: 10, minStandby: 3 });
    await apply(embedded, burstOf(10));
    await untilRunning(embedded, 10);
    expect(callsOf(embedded, "StartInstances").flatMap(({ ids }) => ids)).toHaveLength(5);
    expect(instancesByState(embedded).running).toBe(5);
  });

  it("waits for standby where overflow is None, and never exceeds poolSize either way", async () => {
    const embedded = await startStratos({ seed: 7 });
    await quickStart(embedded, { poolSize: 4, minStandby: 3, scaleUp: { overflow: "None" } });
    await apply(embedded, burstOf(10));
    await untilRunning(embedded, 8);
    await embedded.until("four nodes run", () => pool(embedded)?.status?.running === 4, { withinMs: 10 * MINUTE });
    expect(embedded.ec2.machines.list().filter(({ state }) => state !== "terminated")).toHaveLength(4);
    expect(condition(embedded, "Degraded")).toBe("True AtCapacity");
  });
});

it("a burst over many places is never throttled", async () => {
  const embedded = await startStratos({ seed: 8 });
  await inThreeZones(embedded, { poolSize: 12, minStandby: 9 });
  await apply(embedded, burstOf(18));
  await untilRunning(embedded, 18);
  const throttled = embedded.ec2.calls().filter(({ error }) => error === "RequestLimitExceeded");
  expect(throttled).toEqual([]);
  expect(callsOf(embedded, "StartInstances").flatMap(({ ids }) => ids)).toHaveLength(9);
});
