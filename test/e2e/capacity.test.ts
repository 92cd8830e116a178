/** EC2 has no capacity, too little, or provides it slowly. */
import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import {
  allCallsOf,
  apply,
  burstOf,
  burstPods,
  callsOf,
  condition,
  eventsOf,
  isSettled,
  MINUTE,
  pool,
  quickStartWith,
  shareStratos,
  untilRunning,
} from "./stratos.ts";

const TYPE = "m5.large";

const zonesOf = ({ ec2 }: Environment, state: string) =>
  ec2.machines
    .list()
    .filter((machine) => machine.state === state)
    .map(({ zone }) => zone)
    .toSorted();

const zonesOfSubnets = ({ ec2 }: Environment) => [...ec2.world.subnets.values()].map(({ zone }) => zone);

const useUp = ({ ec2 }: Environment, zones: readonly string[]): void => {
  for (const zone of zones) ec2.faults.setCapacity(zone, TYPE, 0);
};

const giveBack = ({ ec2 }: Environment, zones: readonly string[]): void => {
  for (const zone of zones) ec2.faults.clearCapacity(zone, TYPE);
};

const inOneZone = shareStratos();

/** The quick start with subnets in three zones and a second instance type. */
const inThreeZones = shareStratos(async (environment) => {
  const subnets = [...environment.ec2.world.subnets.values()];
  const subnetIds = [...new Map(subnets.map(({ id, zone }) => [zone, id])).values()];
  const changes = { subnetIds, instanceType: TYPE, instanceTypes: [TYPE, "m6i.large"] };
  const changed = (object: KubeObject) => ({ ...object, spec: { ...(object.spec as object), ...changes } });
  await apply(
    environment,
    quickStartWith({}).map((object) => (object.kind === "AWSNodeClass" ? changed(object) : object)),
  );
});

describe("an offering without capacity", () => {
  it("is skipped, and standby in other zones serves a burst across them without being throttled", async () => {
    const environment = await inThreeZones({ poolSize: 6, minStandby: 6 });
    await environment.until("six are standby", () => isSettled(environment, 6), { withinMs: 15 * MINUTE });
    const zones = zonesOf(environment, "stopped");
    expect(new Set(zones).size).toBe(3);
    const [full = ""] = zones;
    useUp(environment, [full]);
    await apply(environment, burstOf(8));
    await untilRunning(environment, 8);
    expect(zonesOf(environment, "running")).toEqual(zones.filter((zone) => zone !== full));
    expect(environment.ec2.calls().filter(({ error }) => error === "RequestLimitExceeded")).toEqual([]);
    expect(environment.functions.denials()).toEqual([]);
    giveBack(environment, [full]);
  });

  it("in any zone makes the pool use the next instance type: for its standby first, then for launches", async () => {
    const environment = await inThreeZones({ poolSize: 8, minStandby: 1 });
    const machines = () => environment.ec2.machines.list();
    const standby = new Set(machines().flatMap(({ state, instanceId }) => (state === "stopped" ? [instanceId] : [])));
    useUp(environment, zonesOfSubnets(environment));
    await apply(environment, burstOf(2 * standby.size + 2));
    await untilRunning(environment, 2 * standby.size + 2);
    const names = new Set(burstPods(environment).map(({ spec }) => spec.nodeName));
    const serving = machines().filter(({ privateDnsName }) => names.has(privateDnsName));
    expect(serving.map((machine) => machine.instanceType)).toEqual(Array(standby.size + 1).fill("m6i.large"));
    expect(serving.filter(({ instanceId }) => standby.has(instanceId))).toHaveLength(standby.size);
    const nodes = environment.kube.store.list("nodes").filter(({ metadata }) => names.has(metadata.name));
    expect(new Set(nodes.map(({ metadata }) => metadata.labels?.["node.kubernetes.io/instance-type"]))).toEqual(
      new Set(["m6i.large"]),
    );
    expect(eventsOf(environment, "NodeResized").length).toBeGreaterThan(0);
    expect(eventsOf(environment, "InsufficientCapacity").length).toBeGreaterThan(0);
    expect(environment.functions.denials()).toEqual([]);
    giveBack(environment, zonesOfSubnets(environment));
  });

  it("in the only zone keeps the pods pending, and serves them within minutes of capacity returning", async () => {
    const environment = await inOneZone();
    const zones = environment.ec2.machines.list().map(({ zone }) => zone);
    useUp(environment, zones);
    await apply(environment, burstOf(1));
    await environment.clock.sleep(4 * MINUTE);
    expect(burstPods(environment).map(({ status }) => status?.phase)).toEqual(["Pending"]);
    expect(eventsOf(environment, "InsufficientCapacity").length).toBeGreaterThan(0);
    // A rejected start costs a few calls every three minutes, not one per reconcile.
    expect(allCallsOf(environment, "StartInstances").length).toBeLessThanOrEqual(6);
    giveBack(environment, zones);
    const before = environment.clock.now();
    await untilRunning(environment, 1);
    expect(environment.clock.now() - before).toBeLessThan(5 * MINUTE);
  });
});

describe("demand beyond standby", () => {
  it("waits for standby when overflow is None, and never exceeds poolSize", async () => {
    const environment = await inOneZone({ poolSize: 4, minStandby: 3, scaleUp: { overflow: "None" } });
    await apply(environment, burstOf(10));
    await untilRunning(environment, 8);
    await environment.until("four nodes run", () => pool(environment)?.status?.running === 4, {
      withinMs: 10 * MINUTE,
    });
    expect(environment.ec2.machines.list().filter(({ state }) => state !== "terminated")).toHaveLength(4);
    expect(condition(environment, "Degraded")).toBe("True AtCapacity");
    const pending = () => pool(environment)?.status?.pendingPods;
    await environment.until("two pods wait", () => pending() === 2, { withinMs: 2 * MINUTE });
    expect(pool(environment)?.status?.unservedPods).toBe(2);
  });

  it("launches exactly the instances it needs at once and is served", async () => {
    const environment = await inOneZone({ poolSize: 5, minStandby: 3 });
    const standby = pool(environment)?.status?.standby ?? 0;
    await apply(environment, burstOf(10));
    await untilRunning(environment, 10);
    expect(callsOf(environment, "StartInstances").flatMap(({ ids }) => ids)).toHaveLength(standby);
    await environment.until("five nodes run", () => pool(environment)?.status?.running === 5, { withinMs: MINUTE });
  });
});
