import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { LaunchSpec } from "../../../../shared/model/ec2.ts";
import { setup, unreachable } from "./setup.ts";

const MINUTE = 60_000;

const aLaunch = (cluster: string, pool: string): LaunchSpec => ({
  clientToken: `${cluster}-${pool}`,
  count: 1,
  imageId: "ami-1",
  instanceType: "m5.large",
  subnetId: "subnet-1",
  securityGroupIds: [],
  instanceProfile: "nodes",
  userData: "",
  metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" },
  blockDevices: [],
  tags: { "managed-by": "stratos", "stratos.sh/cluster": cluster, "stratos.sh/pool": pool },
});

const DEMAND = ["demand c", "demand d"];
const aPool = (name: string) => ({ metadata: { name } });

describe("the sweep", () => {
  it("wakes demand in every cluster", async () => {
    expect(await setup().run()).toEqual(DEMAND);
  });

  it("wakes only pools and classes that were not reconciled for five minutes", async () => {
    const test = setup();
    test.kubes.c.put(paths.nodePool("p"), aPool("p"));
    test.kubes.d.put(paths.nodeClass("k"), aPool("k"));
    expect(await test.run()).toEqual([...DEMAND, "nodeclass d/k", "pool c/p"]);
    await test.reconcile("c/p");
    test.time.now += 4 * MINUTE;
    expect(await test.run()).toEqual([...DEMAND, "nodeclass d/k"]);
    test.time.now += MINUTE;
    expect(await test.run()).toEqual([...DEMAND, "nodeclass d/k", "pool c/p"]);
  });

  it("wakes the pool in an instance's tags, even if the pool does not exist", async () => {
    const test = setup();
    await test.ec2.port.runInstances(aLaunch("c", "gone"));
    await test.ec2.port.runInstances(aLaunch("elsewhere", "gone"));
    expect(await test.run()).toEqual([...DEMAND, "pool c/gone"]);
    for (const id of test.ec2.instances.keys()) test.ec2.change(id, { state: "terminated" });
    expect(await test.run()).toEqual(DEMAND);
  });

  it("wakes keys whose timer was lost, and counts them", async () => {
    const test = setup();
    await test.reconcile("c/p", { nextWakeAt: test.time.now + 10_000 });
    test.time.now += 39_000;
    expect(await test.run()).toEqual(DEMAND);
    test.time.now += 1_000;
    expect(await test.run()).toEqual([...DEMAND, "pool c/p"]);
    expect(test.telemetry.counts.overdueKeys).toBe(1);
  });

  it("does not wake a failing key before the end of its backoff", async () => {
    const test = setup();
    test.kubes.c.put(paths.nodePool("p"), aPool("p"));
    await test.reconcile("c/p", { failures: 9, nextWakeAt: test.time.now + 5 * MINUTE });
    test.time.now += 4 * MINUTE;
    expect(await test.run()).toEqual(DEMAND);
    test.time.now += 2 * MINUTE;
    expect(await test.run()).toEqual([...DEMAND, "pool c/p"]);
  });

  it("records what is wrong with each pool, for as long as its status says so", async () => {
    const test = setup();
    const status = { degradedReason: "WarmupFailing", standby: 1, desiredStandby: 3 };
    test.kubes.c.put(paths.nodePool("p"), { metadata: { name: "p" }, status });
    await test.run();
    await test.run();
    expect(test.telemetry.counts).toMatchObject({ degraded: 2, standbyMissing: 4 });
  });

  it("records the keys that keep failing, also while they wait for their next attempt", async () => {
    const test = setup();
    await test.reconcile("c/once", { failures: 1, nextWakeAt: test.time.now + MINUTE });
    await test.reconcile("c/often", { failures: 9, nextWakeAt: test.time.now + 5 * MINUTE });
    await test.run();
    await test.run();
    expect(test.telemetry.counts.failingKeys).toBe(2);
  });

  it("ignores keys of clusters that are no longer served", async () => {
    const test = setup();
    await test.reconcile("former/p", { nextWakeAt: test.time.now + 1_000 });
    test.time.now += 10 * MINUTE;
    expect(await test.run()).toEqual(DEMAND);
  });

  it("continues with the other clusters if one is unreachable, and fails at the end", async () => {
    const test = setup();
    test.kubes.d.put(paths.nodePool("p"), aPool("p"));
    test.unreachableClusters.add("c");
    await expect(test.run()).rejects.toThrow(unreachable.message);
    expect(test.woken).toEqual(["demand d", "pool d/p"]);
  });
});
