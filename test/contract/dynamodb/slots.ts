/** The state of a pool: every conditional write, query and index of shared/state, and the outcome of races. */
import { beforeAll, describe, expect, it } from "vitest";
import type { LaunchSpec } from "../../../shared/model/ec2.ts";
import type { InstanceRecord, TransitionReason } from "../../../shared/model/instance-record.ts";
import type { PoolKey } from "../../../shared/model/keys.ts";
import { findPool } from "../../../shared/state/instance-index.ts";
import { createPoolItemsTable } from "../../../shared/state/pool-items-table.ts";
import { createSlotTable, type RecordWrite } from "../../../shared/state/slots-table.ts";
import { TABLE, type TestTable } from "../../shared/dynamo.ts";
import { atOnce, type ConnectTable, type Engine } from "./engine.ts";

const aClaim = (slot: number, token = "t"): Omit<InstanceRecord, "version"> => ({
  slot,
  state: "warmup",
  stateSince: 1_795_000_000_123,
  reason: "Replenish",
  token,
  instanceType: "m5.large",
  zone: "us-east-1a",
});

const LAUNCH: LaunchSpec = {
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
};

const toStandby = (reason: TransitionReason): RecordWrite => ({
  move: { to: "standby", reason, now: 1_795_000_000_456 },
});

export const describeSlots = (engine: Engine, connect: ConnectTable): void => {
  describe(`the state of a pool, on ${engine}`, () => {
    let test: TestTable;
    beforeAll(async () => {
      test = await connect();
    });

    let pools = 0;
    const setup = () => {
      pools += 1;
      return { table: createSlotTable(test.documents, TABLE), key: { cluster: "test", pool: `pool-${pools}` } };
    };
    const read = async (key: PoolKey) => {
      const { records } = await createPoolItemsTable(test.documents, TABLE).read(key);
      return records;
    };
    const claimed = async () => {
      const { table, key } = setup();
      const record = await table.claim(key, aClaim(1));
      if (!record) throw new Error("the slot was not free");
      return { table, key, record };
    };

    describe("slots", () => {
      it("go to exactly one of many concurrent claims", async () => {
        const { table, key } = setup();
        const answers = await atOnce(
          engine,
          Array.from({ length: 20 }, (_, index) => () => table.claim(key, aClaim(1, `t${index}`))),
        );
        expect(answers.filter(Boolean)).toHaveLength(1);
        expect(await read(key)).toEqual(answers.filter(Boolean));
      });

      it("are read in order, one pool at a time", async () => {
        const { table, key } = setup();
        for (const slot of [10, 2, 1000]) await table.claim(key, aClaim(slot));
        await table.claim({ ...key, cluster: "other" }, aClaim(5));
        await table.claim({ ...key, pool: `${key.pool}0` }, aClaim(6));
        expect((await read(key)).map(({ slot }) => slot)).toEqual([2, 10, 1000]);
      });

      it("are all read, however many pages they fill", async () => {
        const { table, key } = setup();
        // Five of these fill more than a page, as a thousand records of normal size do.
        const nodeName = "x".repeat(300_000);
        for (const slot of [1, 2, 3, 4, 5]) await table.claim(key, { ...aClaim(slot), nodeName });
        expect((await read(key)).map(({ slot }) => slot)).toEqual([1, 2, 3, 4, 5]);
      });

      it("keep the value of every kind of field", async () => {
        const { table, key, record } = await claimed();
        const set = { instanceId: "i-1", nodeName: "ip-10-0-0-1.ec2.internal", emptySince: 1_795_000_000_789 };
        const written = await table.write(key, record, { set });
        expect(written).toEqual({ ...record, ...set, version: 2 });
        expect(await read(key)).toEqual([written]);
      });

      it("are written by exactly one of many that read the same version", async () => {
        const { table, key, record } = await claimed();
        const answers = await atOnce(
          engine,
          Array.from(
            { length: 20 },
            (_, index) => () =>
              table.write(key, record, { ...toStandby("WarmupCompleted"), set: { nodeName: `node-${index}` } }),
          ),
        );
        const won = answers.filter((answer) => answer !== undefined);
        expect(won).toHaveLength(1);
        expect(await read(key)).toEqual(won);
      });

      it("are either written or released when two read the same version", async () => {
        const { table, key, record } = await claimed();
        const [written, freed] = await atOnce(engine, [
          () => table.write(key, record, toStandby("WarmupCompleted")),
          () => table.free(key, record),
        ]);
        expect(freed).toBe(written === undefined);
        expect(await read(key)).toEqual(written ? [written] : []);
      });

      it("are not recreated by a write after their release", async () => {
        const { table, key, record } = await claimed();
        expect(await table.free(key, record)).toBe(true);
        expect(await table.write(key, record, toStandby("WarmupCompleted"))).toBeUndefined();
        expect(await table.free(key, record)).toBe(false);
        expect(await read(key)).toEqual([]);
      });

      it("keep fields that a write does not mention and lose fields that it sets to null", async () => {
        const { table, key, record } = await claimed();
        const named = await table.write(key, record, { set: { instanceId: "i-1", emptySince: 5 } });
        const cleared = named && (await table.write(key, named, { set: { emptySince: null, startedAt: null } }));
        expect(cleared).toEqual({ ...record, version: 3, instanceId: "i-1" });
      });

      it("reject a transition that the state machine does not allow", async () => {
        const { table, key, record } = await claimed();
        const move = { to: "stopping", reason: "Empty", now: 1 } as const;
        await expect(table.write(key, record, { move })).rejects.toThrow("illegal transition from warmup to stopping");
      });

      it("are released only at the version that was read", async () => {
        const { table, key, record } = await claimed();
        await table.write(key, record, { set: { instanceId: "i-1" } });
        expect(await table.free(key, record)).toBe(false);
        const [current] = await read(key);
        expect(current && (await table.free(key, current))).toBe(true);
        expect(await read(key)).toEqual([]);
      });
    });

    describe("the index by instance", () => {
      it("finds the pool of an instance until its slot is released, and no pool for an unknown instance", async () => {
        const { table, key, record } = await claimed();
        const instanceId = `i-of-${key.pool}`;
        const named = await table.write(key, record, { set: { instanceId } });
        expect(await findPool(test.documents, TABLE, instanceId)).toEqual(key);
        expect(await findPool(test.documents, TABLE, "i-other")).toBeUndefined();
        expect(named && (await table.free(key, named))).toBe(true);
        expect(await findPool(test.documents, TABLE, instanceId)).toBeUndefined();
      });
    });

    describe("stored launches", () => {
      it("keep the parameters that were stored first", async () => {
        const { table, key } = setup();
        await table.saveLaunch(key, LAUNCH);
        expect(await table.saveLaunch(key, { ...LAUNCH, count: 9 })).toEqual(LAUNCH);
        expect(await table.readLaunch(key, "t")).toEqual(LAUNCH);
      });

      it("are the same for all concurrent writers", async () => {
        const { table, key } = setup();
        const counts = Array.from({ length: 20 }, (_, index) => index + 1);
        const saved = await atOnce(
          engine,
          counts.map((count) => () => table.saveLaunch(key, { ...LAUNCH, count })),
        );
        expect(new Set(saved.map(({ count }) => count)).size).toBe(1);
      });

      it("are not among the slots, and can be deleted, even twice", async () => {
        const { table, key } = setup();
        await table.saveLaunch(key, LAUNCH);
        expect(await read(key)).toEqual([]);
        await table.dropLaunch(key, "t");
        await table.dropLaunch(key, "t");
        expect(await table.readLaunch(key, "t")).toBeUndefined();
      });
    });
  });
};
