import { describe, expect, it } from "vitest";
import type { KubeClient } from "../../../../shared/kube/client.ts";
import { paths } from "../../../../shared/kube/paths.ts";
import type { LaunchSpec } from "../../../../shared/model/ec2.ts";
import { sweep } from "../../../../shared/reconcilers/sweep/sweep.ts";
import { countingTelemetry, inMemoryTable } from "../../queue/in-memory.ts";
import { createFakeEc2 } from "../fake-ec2.ts";
import { createFakeKube } from "../fake-kube.ts";

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

const unreachable = new Error("no route to the cluster");

/** Two clusters, c and d, with nothing in them. */
const setup = () => {
  const time = { now: 10_000_000 };
  const kube = { c: createFakeKube(() => time.now), d: createFakeKube(() => time.now) };
  const away = new Set<string>();
  const woken: string[] = [];
  const ports = {
    clusters: ["c", "d"],
    kube: async (cluster: string): Promise<KubeClient> => {
      if (away.has(cluster)) throw unreachable;
      return kube[cluster as "c" | "d"].port;
    },
    ec2: createFakeEc2(() => time.now),
    table: inMemoryTable(),
    wakeQueue: {
      enqueue: async (kind: string, keys: readonly string[]) => void woken.push(...keys.map((key) => `${kind} ${key}`)),
    },
    telemetry: countingTelemetry(),
  };
  const run = async () => {
    woken.length = 0;
    await sweep({ ...ports, ec2: ports.ec2.port }, time.now);
    return woken.toSorted();
  };
  /** The key is looked at, to the end or in vain. */
  const look = async (key: string, { failures = 0, nextWakeAt }: { failures?: number; nextWakeAt?: number } = {}) => {
    const work = { kind: "pool", key } as const;
    const { dirtySeq: seen } = await ports.table.markDirty(work);
    const fence = (await ports.table.acquire(work, "w", time.now, 75_000))?.fence ?? 0;
    const end = { fence, failures, nextWakeAt, wakes: 0, wakesSince: 0 };
    if (failures > 0) await ports.table.abandon(work, end);
    else await ports.table.release(work, { ...end, seen, now: time.now });
  };
  return { ...ports, time, kubes: kube, away, woken, run, look };
};

const DEMAND = ["demand c", "demand d"];
const aPool = (name: string) => ({ metadata: { name } });

describe("the sweep", () => {
  it("has demand looked at in every cluster", async () => {
    expect(await setup().run()).toEqual(DEMAND);
  });

  it("wakes pools and classes that nobody has looked at for five minutes, and no others", async () => {
    const test = setup();
    test.kubes.c.put(paths.nodePool("p"), aPool("p"));
    test.kubes.d.put(paths.nodeClass("k"), aPool("k"));
    expect(await test.run()).toEqual([...DEMAND, "nodeclass d/k", "pool c/p"]);
    await test.look("c/p");
    test.time.now += 4 * MINUTE;
    expect(await test.run()).toEqual([...DEMAND, "nodeclass d/k"]);
    test.time.now += MINUTE;
    expect(await test.run()).toEqual([...DEMAND, "nodeclass d/k", "pool c/p"]);
  });

  it("wakes the pool that an instance names, though there is no such pool", async () => {
    const test = setup();
    await test.ec2.port.runInstances(aLaunch("c", "gone"));
    await test.ec2.port.runInstances(aLaunch("elsewhere", "gone"));
    expect(await test.run()).toEqual([...DEMAND, "pool c/gone"]);
    for (const id of test.ec2.instances.keys()) test.ec2.change(id, { state: "terminated" });
    expect(await test.run()).toEqual(DEMAND);
  });

  it("wakes keys whose own wake was lost, and counts them", async () => {
    const test = setup();
    await test.look("c/p", { nextWakeAt: test.time.now + 10_000 });
    test.time.now += 39_000;
    expect(await test.run()).toEqual(DEMAND);
    test.time.now += 1_000;
    expect(await test.run()).toEqual([...DEMAND, "pool c/p"]);
    expect(test.telemetry.counts.overdueKeys).toBe(1);
  });

  it("leaves a key that keeps failing to its backoff", async () => {
    const test = setup();
    test.kubes.c.put(paths.nodePool("p"), aPool("p"));
    await test.look("c/p", { failures: 9, nextWakeAt: test.time.now + 5 * MINUTE });
    test.time.now += 4 * MINUTE;
    expect(await test.run()).toEqual(DEMAND);
    test.time.now += 2 * MINUTE;
    expect(await test.run()).toEqual([...DEMAND, "pool c/p"]);
  });

  it("leaves keys of clusters alone that are served no longer", async () => {
    const test = setup();
    await test.look("former/p", { nextWakeAt: test.time.now + 1_000 });
    test.time.now += 10 * MINUTE;
    expect(await test.run()).toEqual(DEMAND);
  });

  it("goes on with the other clusters when one cannot be reached, and fails in the end", async () => {
    const test = setup();
    test.kubes.d.put(paths.nodePool("p"), aPool("p"));
    test.away.add("c");
    await expect(test.run()).rejects.toThrow(unreachable.message);
    expect(test.woken).toEqual(["demand d", "pool d/p"]);
  });
});
