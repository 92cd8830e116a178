/** The items of the work queue: every conditional write and query of shared/queue/work-table.ts, and the outcome of races. */
import { beforeAll, describe, expect, it } from "vitest";
import { createWorkTable, type WorkTable } from "../../../shared/queue/work-table.ts";
import { TABLE } from "../../shared/dynamo.ts";
import { atOnce, type ConnectTable, type Engine } from "./engine.ts";

const NOW = 1_795_000_000_123;
const LEASE_MS = 75_000;
const NO_FAILURE = { failures: 0, wakesSince: 0, wakes: 0 };

export const describeWorkKeys = (engine: Engine, connect: ConnectTable): void => {
  describe(`the items of the work queue, on ${engine}`, () => {
    let table: WorkTable;
    beforeAll(async () => {
      table = createWorkTable((await connect()).documents, TABLE);
    });

    let keys = 0;
    const aKey = () => {
      keys += 1;
      return { kind: "pool", key: `c/p${keys}` } as const;
    };

    describe("a lease", () => {
      it("goes to exactly one of many owners", async () => {
        const work = aKey();
        const owners = Array.from({ length: 20 }, (_, index) => () => table.acquire(work, `w${index}`, NOW, LEASE_MS));
        const won = (await atOnce(engine, owners)).filter(Boolean);
        expect(won).toHaveLength(1);
        expect(await table.read(work)).toEqual(won[0]);
      });

      it("goes to exactly one of many owners that find it expired", async () => {
        const work = aKey();
        await table.acquire(work, "dead", NOW, LEASE_MS);
        const later = NOW + LEASE_MS;
        const owners = Array.from(
          { length: 20 },
          (_, index) => () => table.acquire(work, `w${index}`, later, LEASE_MS),
        );
        expect((await atOnce(engine, owners)).filter(Boolean)).toHaveLength(1);
        expect(await table.read(work)).toMatchObject({ fence: 2, leaseUntil: later + LEASE_MS });
      });

      it("goes to its owner again when the response was lost and the owner retries", async () => {
        const work = aKey();
        await table.acquire(work, "a", NOW, LEASE_MS);
        expect(await table.acquire(work, "a", NOW + 1, LEASE_MS)).toMatchObject({ leaseOwner: "a", fence: 2 });
        expect(await table.acquire(work, "b", NOW + 2, LEASE_MS)).toBeUndefined();
      });

      it("can be taken over once it has expired, with a higher fence", async () => {
        const work = aKey();
        const first = await table.acquire(work, "a", NOW, LEASE_MS);
        expect(await table.acquire(work, "b", NOW + LEASE_MS - 1, LEASE_MS)).toBeUndefined();
        const second = await table.acquire(work, "b", NOW + LEASE_MS, LEASE_MS);
        expect(second?.fence).toBe((first?.fence ?? 0) + 1);
      });

      it("cannot be released by an owner who has lost it", async () => {
        const work = aKey();
        const expired = await table.acquire(work, "a", NOW, LEASE_MS);
        await table.acquire(work, "b", NOW + LEASE_MS, LEASE_MS);
        const release = { fence: expired?.fence ?? 0, seen: 0, now: NOW, ...NO_FAILURE, nextWakeAt: undefined };
        expect(await table.release(work, release)).toBe("lost");
        expect(await table.abandon(work, release)).toBe(false);
        expect(await table.read(work)).toMatchObject({ leaseOwner: "b" });
      });

      it("is free at once when it is abandoned, and its key is as dirty as before", async () => {
        const work = aKey();
        await table.markDirty(work);
        const fence = (await table.acquire(work, "a", NOW, LEASE_MS))?.fence ?? 0;
        const abandon = { fence, failures: 3, wakesSince: NOW, wakes: 2, nextWakeAt: NOW + 8000 };
        expect(await table.abandon(work, abandon)).toBe(true);
        const item = await table.read(work);
        expect(item).toMatchObject({ dirtySeq: 1, doneSeq: 0, failures: 3, nextWakeAt: NOW + 8000, wakes: 2 });
        expect(item).not.toHaveProperty("leaseOwner");
        expect(await table.acquire(work, "b", NOW, LEASE_MS)).toMatchObject({ fence: fence + 1 });
      });
    });

    describe("marking a key dirty", () => {
      it("is never lost, however many do so at once", async () => {
        const work = aKey();
        await atOnce(
          engine,
          Array.from({ length: 20 }, () => () => table.markDirty(work)),
        );
        expect(await table.read(work)).toMatchObject({ dirtySeq: 20, doneSeq: 0 });
      });

      it("during a lease keeps the lease from being released", async () => {
        const work = aKey();
        const { dirtySeq: seen } = await table.markDirty(work);
        const fence = (await table.acquire(work, "a", NOW, LEASE_MS))?.fence ?? 0;
        await table.markDirty(work);
        const release = { fence, seen, now: NOW, ...NO_FAILURE, nextWakeAt: NOW + 5 };
        expect(await table.release(work, release)).toBe("moved");
        expect(await table.release(work, { ...release, seen: seen + 1 })).toBe("done");
        expect(await table.read(work)).toMatchObject({ doneSeq: 2, leaseUntil: 0, nextWakeAt: NOW + 5 });
      });

      it("at the moment of release is either seen by the release or left to the next lease", async () => {
        for (let round = 0; round < 20; round += 1) {
          const work = aKey();
          const { dirtySeq: seen } = await table.markDirty(work);
          const fence = (await table.acquire(work, "a", NOW, LEASE_MS))?.fence ?? 0;
          const release = { fence, seen, now: NOW, ...NO_FAILURE, nextWakeAt: undefined };
          const [end] = await atOnce(engine, [() => table.release(work, release), () => table.markDirty(work)]);
          const expected = end === "moved" ? { leaseOwner: "a", doneSeq: 0 } : { leaseUntil: 0, doneSeq: 1 };
          expect(await table.read(work)).toMatchObject({ dirtySeq: 2, ...expected });
        }
      });
    });

    describe("a timer", () => {
      it("is cleared by a release that sets none", async () => {
        const work = aKey();
        const end = async (nextWakeAt: number | undefined) => {
          const { dirtySeq: seen } = await table.markDirty(work);
          const fence = (await table.acquire(work, "a", NOW, LEASE_MS))?.fence ?? 0;
          await table.release(work, { fence, seen, now: NOW, ...NO_FAILURE, nextWakeAt });
          return table.read(work);
        };
        expect(await end(NOW + 5)).toMatchObject({ nextWakeAt: NOW + 5, lastDoneAt: NOW });
        expect(await end(undefined)).not.toHaveProperty("nextWakeAt");
      });
    });

    describe("the keys of a kind", () => {
      it("are listed without keys of other kinds", async () => {
        await table.markDirty({ kind: "nodeclass", key: "c/a" });
        await table.markDirty({ kind: "nodeclass", key: "c/b" });
        await table.markDirty({ kind: "demand", key: "c" });
        expect((await table.list("nodeclass")).map(({ key }) => key)).toEqual(["c/a", "c/b"]);
      });
    });

    it("a key that is forgotten leaves no item, unless it was marked dirty meanwhile or its lease is lost", async () => {
      const work = aKey();
      const { dirtySeq: seen } = await table.markDirty(work);
      const fence = (await table.acquire(work, "a", NOW, LEASE_MS))?.fence ?? 0;
      await table.markDirty(work);
      expect(await table.forget(work, { fence, seen })).toBe("moved");
      expect(await table.forget(work, { fence: fence - 1, seen: seen + 1 })).toBe("lost");
      expect(await table.forget(work, { fence, seen: seen + 1 })).toBe("done");
      expect(await table.read(work)).toBeUndefined();
    });

    it("a key that was never marked dirty does not exist", async () => {
      expect(await table.read(aKey())).toBeUndefined();
    });
  });
};
