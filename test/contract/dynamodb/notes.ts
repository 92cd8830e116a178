/** What is stored besides the slots: launch requests, unavailable offerings, warmup failures, demand by zone. */
import { beforeAll, describe, expect, it } from "vitest";
import type { LaunchSpec } from "../../../shared/model/ec2.ts";
import type { PoolKey } from "../../../shared/model/keys.ts";
import { createLaunchRequestsTable } from "../../../shared/state/launch-requests-table.ts";
import { createPoolItemsTable } from "../../../shared/state/pool-items-table.ts";
import { createSlotTable } from "../../../shared/state/slots-table.ts";
import { createUnavailableOfferingsTable } from "../../../shared/state/unavailable-offerings-table.ts";
import { createWarmupFailuresTable } from "../../../shared/state/warmup-failures-table.ts";
import { createZoneDemandTable } from "../../../shared/state/zone-demand-table.ts";
import { TABLE, type TestTable } from "../../shared/dynamo.ts";
import { atOnce, type ConnectTable, type Engine } from "./engine.ts";

const NOW = 1_795_000_000_123;

const aRequest = (id: string) => ({
  id,
  askedAt: NOW,
  launches: [{ instanceType: "m5.large", zone: "us-east-1a", count: 2, demandSince: NOW - 500 }],
  seen: { "stratos-1": 1 },
});

const FAILURES = { failures: 2, failedAt: NOW, reason: "Timeout", message: "é" } as const;

export const describeNotes = (engine: Engine, connect: ConnectTable): void => {
  describe(`what is stored besides the slots, on ${engine}`, () => {
    let test: TestTable;
    beforeAll(async () => {
      test = await connect();
    });

    let pools = 0;
    const aKey = () => {
      pools += 1;
      return { cluster: "test", pool: `notes-${pools}` };
    };

    describe("a launch request", () => {
      it("is read as it was written, and taken by exactly one of many", async () => {
        const [requests, key] = [createLaunchRequestsTable(test.documents, TABLE), aKey()];
        await requests.write(key, aRequest("a"));
        expect(await requests.read(key)).toEqual(aRequest("a"));
        const taken = await atOnce(
          engine,
          Array.from({ length: 20 }, () => () => requests.take(key, "a")),
        );
        expect(taken.filter(Boolean)).toHaveLength(1);
        expect(await requests.read(key)).toBeUndefined();
      });

      it("that another one has replaced cannot be taken", async () => {
        const [requests, key] = [createLaunchRequestsTable(test.documents, TABLE), aKey()];
        await requests.write(key, aRequest("a"));
        await requests.write(key, aRequest("b"));
        expect(await requests.take(key, "a")).toBe(false);
        expect(await requests.take(key, "b")).toBe(true);
      });

      it("is either taken or replaced, whichever comes first", async () => {
        const requests = createLaunchRequestsTable(test.documents, TABLE);
        for (let round = 0; round < 10; round += 1) {
          const key = aKey();
          await requests.write(key, aRequest("a"));
          await atOnce(engine, [() => requests.take(key, "a"), () => requests.write(key, aRequest("b"))]);
          expect(await requests.read(key)).toEqual(aRequest("b"));
        }
      });
    });

    it("unavailable offerings are read until they expire, one cluster at a time", async () => {
      const offerings = createUnavailableOfferingsTable(test.documents, TABLE);
      await offerings.markUnavailable("marked", "m5.large in us-east-1a", NOW + 1);
      await offerings.markUnavailable("marked", "m5.large in us-east-1b", NOW);
      await offerings.markUnavailable("other", "m5.large in us-east-1c", NOW + 1);
      expect(await offerings.read("marked", NOW)).toEqual(new Map([["m5.large in us-east-1a", NOW + 1]]));
    });

    it("warmup failures and demand by zone are kept until they are deleted, and are not among the slots", async () => {
      const key = aKey();
      const failures = createWarmupFailuresTable(test.documents, TABLE);
      const zones = createZoneDemandTable(test.documents, TABLE);
      const demand = { "us-east-1a": { count: 1.5, at: NOW } };
      await failures.writeWarmupFailures(key, FAILURES);
      await zones.write(key, demand);
      const items = createPoolItemsTable(test.documents, TABLE);
      expect(await items.read(key)).toEqual({ records: [], request: undefined, warmupFailures: FAILURES });
      expect(await zones.read(key)).toEqual(demand);
      await failures.writeWarmupFailures(key, undefined);
      expect((await items.read(key)).warmupFailures).toBeUndefined();
    });

    it("everything of a pool can be deleted, and nothing of another one", async () => {
      const [key, other] = [aKey(), aKey()];
      const slots = createSlotTable(test.documents, TABLE);
      const launch = { clientToken: "t" } as LaunchSpec;
      for (const pool of [key, other]) {
        await slots.saveLaunch(pool, launch);
        await slots.writeWarmupFailures(pool, FAILURES);
        await createLaunchRequestsTable(test.documents, TABLE).write(pool, aRequest("a"));
      }
      const items = createPoolItemsTable(test.documents, TABLE);
      await items.deleteAll(key);
      const left = async (pool: PoolKey) => ({
        ...(await items.read(pool)),
        launch: await slots.readLaunch(pool, "t"),
      });
      expect(await left(key)).toEqual({ records: [] });
      expect(await left(other)).toEqual({ records: [], request: aRequest("a"), warmupFailures: FAILURES, launch });
    });
  });
};
