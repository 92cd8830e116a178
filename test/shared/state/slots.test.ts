import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InstanceRecord } from "../../../shared/pool/view.ts";
import { findPool } from "../../../shared/state/find-pool.ts";
import { createSlotTable } from "../../../shared/state/slots.ts";
import { startTable, TABLE, type TestTable } from "../dynamo.ts";

let test: TestTable;

beforeAll(async () => {
  test = await startTable();
});

afterAll(() => test.stop());

let pools = 0;
const setup = () => {
  pools += 1;
  return { table: createSlotTable(test.documents, TABLE), key: { cluster: "test", pool: `pool-${pools}` } };
};

const aClaim = (slot: number, token = "t"): Omit<InstanceRecord, "version"> => ({
  slot,
  state: "warmup",
  stateSince: 1000,
  reason: "Replenish",
  token,
  instanceType: "m5.large",
  zone: "us-east-1a",
});

const claimed = async ({ table, key }: ReturnType<typeof setup>) => {
  const record = await table.claim(key, aClaim(1));
  if (!record) throw new Error("the slot was not free");
  return record;
};

describe("slots", () => {
  it("go to exactly one of many that want them at once", async () => {
    const { table, key } = setup();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => table.claim(key, aClaim(1, `t${index}`))),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await table.read(key)).toHaveLength(1);
  });

  it("are read in order, a pool at a time", async () => {
    const { table, key } = setup();
    for (const slot of [10, 2, 1000]) await table.claim(key, aClaim(slot));
    await table.claim({ ...key, cluster: "other" }, aClaim(5));
    expect((await table.read(key)).map(({ slot }) => slot)).toEqual([2, 10, 1000]);
  });

  it("can be written by one of two that read the same version", async () => {
    const { table, key, ...rest } = setup();
    const record = await claimed({ table, key, ...rest });
    const move = (reason: string) => ({ move: { to: "standby", reason, now: 2000 } }) as const;
    const answers = await Promise.all([table.write(key, record, move("a")), table.write(key, record, move("b"))]);
    const won = answers.filter((answer) => answer !== undefined);
    expect(won).toHaveLength(1);
    expect(await table.read(key)).toEqual(won);
  });

  it("keep what a write does not mention and lose what it sets to null", async () => {
    const { table, key } = setup();
    const record = await claimed({ table, key });
    const named = await table.write(key, record, { set: { instanceId: "i-1", emptySince: 5 } });
    const cleared = named && (await table.write(key, named, { set: { emptySince: null } }));
    expect(cleared).toEqual({ ...record, version: 3, instanceId: "i-1" });
  });

  it("refuse a transition that the state machine does not know", async () => {
    const { table, key } = setup();
    const record = await claimed({ table, key });
    const move = { to: "stopping", reason: "Empty", now: 1 } as const;
    await expect(table.write(key, record, { move })).rejects.toThrow("warmup must not be followed by stopping");
  });

  it("are freed only at the version that was read", async () => {
    const { table, key } = setup();
    const record = await claimed({ table, key });
    await table.write(key, record, { set: { instanceId: "i-1" } });
    expect(await table.free(key, record)).toBe(false);
    const [current] = await table.read(key);
    expect(current && (await table.free(key, current))).toBe(true);
    expect(await table.read(key)).toEqual([]);
  });
});

describe("the index by instance", () => {
  it("finds the pool of an instance, and nothing for one that is not ours", async () => {
    const { table, key } = setup();
    const record = await claimed({ table, key });
    await table.write(key, record, { set: { instanceId: "i-found" } });
    expect(await findPool(test.documents, TABLE, "i-found")).toEqual(key);
    expect(await findPool(test.documents, TABLE, "i-other")).toBeUndefined();
  });
});

describe("launches", () => {
  const launch = {
    clientToken: "t",
    count: 1,
    imageId: "ami-1",
    instanceType: "m5.large",
    subnetId: "subnet-1",
    securityGroupIds: [],
    instanceProfile: "nodes",
    userData: "",
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" },
    blockDevices: [],
    tags: {},
  } as const;

  it("keep the parameters that were stored first", async () => {
    const { table, key } = setup();
    await table.saveLaunch(key, launch);
    expect(await table.saveLaunch(key, { ...launch, count: 9 })).toEqual(launch);
    expect(await table.readLaunch(key, "t")).toEqual(launch);
  });

  it("are not among the slots, and can be dropped", async () => {
    const { table, key } = setup();
    await table.saveLaunch(key, launch);
    expect(await table.read(key)).toEqual([]);
    await table.dropLaunch(key, "t");
    expect(await table.readLaunch(key, "t")).toBeUndefined();
  });
});
