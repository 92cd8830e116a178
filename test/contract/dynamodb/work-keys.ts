/** The items of the work queue: every conditional write and query of shared/queue/work-table.ts, and the outcome of races. */
import { beforeAll, describe, expect, it } from "vitest";
import { createWorkTable, type Release, type WorkKey, type WorkTable } from "../../../shared/queue/work-table.ts";
import { TABLE } from "../../shared/dynamo.ts";
import { atOnce, type ConnectTable, type Engine } from "./engine.ts";

const NOW = 1_795_000_000_123;
const LEASE_MS = 75_000;
const NO_FAILURE = { failures: 0, wakesSince: 0, wakes: 0, now: NOW };

export const describeWorkKeys = (engine: Engine, connect: ConnectTable): void => {
  describe(`the items of the work queue, on ${engine}`, () => {
    let table: WorkTable;
    beforeAll(async () => {
      table = createWorkTable((await connect()).documents, TABLE);
    });

    /** Takes the lease and gives it back. */
    const reconcile = async (work: WorkKey, end: Partial<Release> = {}) => {
      const { fence = 0, dirtySeq: seen = 0 } = (await table.acquire(work, "w", NOW, LEASE_MS)) ?? {};
      return table.release(work, { fence, seen, answeredUntil: NOW, ...NO_FAILURE, nextWakeAt: undefined, ...end });
    };

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
        const end = { fence: expired?.fence ?? 0, ...NO_FAILURE, nextWakeAt: undefined };
        expect(await table.release(work, { ...end, seen: 1, answeredUntil: NOW })).toBeUndefined();
        expect(await table.abandon(work, end)).toBe(false);
        expect(await table.mark(work, end.fence)).toBe(false);
        expect(await table.read(work)).toMatchObject({ leaseOwner: "b" });
      });

      it("is free at once when it is abandoned, and its key is as dirty as before", async () => {
        const work = aKey();
        const fence = (await table.acquire(work, "a", NOW, LEASE_MS))?.fence ?? 0;
        const abandon = { fence, now: NOW + 5, failures: 3, wakesSince: NOW, wakes: 2, nextWakeAt: NOW + 8000 };
        expect(await table.abandon(work, abandon)).toBe(true);
        const item = await table.read(work);
        expect(item).toMatchObject({ dirtySeq: 1, doneSeq: 0, failures: 3, nextWakeAt: NOW + 8000, wakes: 2 });
        expect(item).toMatchObject({ endedAt: NOW + 5, lastDoneAt: 0 });
        expect(item).not.toHaveProperty("leaseOwner");
        expect(await table.acquire(work, "b", NOW, LEASE_MS)).toMatchObject({ fence: fence + 1 });
      });

      it("marks its key dirty, and its release marks that done", async () => {
        const work = aKey();
        expect(await table.acquire(work, "a", NOW, LEASE_MS)).toMatchObject({ dirtySeq: 1, seenSeq: 1, doneSeq: 0 });
        const end = { fence: 1, seen: 1, answeredUntil: NOW - 7, ...NO_FAILURE, nextWakeAt: NOW + 5 };
        const released = await table.release(work, end);
        expect(released).toMatchObject({ dirtySeq: 1, doneSeq: 1, leaseUntil: 0, nextWakeAt: NOW + 5 });
        expect(released).toMatchObject({ lastDoneAt: NOW, endedAt: NOW, answeredUntil: NOW - 7 });
        expect(await table.read(work)).toEqual(released);
      });
    });

    describe("marking a key for the holder of its lease", () => {
      it("succeeds for exactly one of many, and the key is still dirty after the release", async () => {
        const work = aKey();
        await table.acquire(work, "a", NOW, LEASE_MS);
        const marks = Array.from({ length: 20 }, () => () => table.mark(work, 1));
        expect((await atOnce(engine, marks)).filter(Boolean)).toHaveLength(1);
        const end = { fence: 1, seen: 1, answeredUntil: NOW, ...NO_FAILURE, nextWakeAt: undefined };
        expect(await table.release(work, end)).toMatchObject({ dirtySeq: 2, doneSeq: 1 });
        // The next lease takes it over.
        expect(await table.acquire(work, "b", NOW, LEASE_MS)).toMatchObject({ dirtySeq: 3, seenSeq: 3 });
        expect(await table.mark(work, 2)).toBe(true);
      });

      it("is refused once the lease has ended, and for a key without one", async () => {
        const work = aKey();
        expect(await table.mark(work, 0)).toBe(false);
        await reconcile(work);
        expect(await table.mark(work, 1)).toBe(false);
        expect(await table.read(work)).toMatchObject({ dirtySeq: 1, doneSeq: 1 });
      });

      it("at the moment of release is either seen by the release or refused", async () => {
        for (let round = 0; round < 20; round += 1) {
          const work = aKey();
          await table.acquire(work, "a", NOW, LEASE_MS);
          const end = { fence: 1, seen: 1, answeredUntil: NOW, ...NO_FAILURE, nextWakeAt: undefined };
          const [released, marked] = await atOnce(engine, [() => table.release(work, end), () => table.mark(work, 1)]);
          expect(released?.dirtySeq).toBe(marked ? 2 : 1);
        }
      });
    });

    describe("a timer", () => {
      it("is cleared by a release that sets none", async () => {
        const work = aKey();
        expect(await reconcile(work, { nextWakeAt: NOW + 5 })).toMatchObject({ nextWakeAt: NOW + 5 });
        expect(await reconcile(work)).not.toHaveProperty("nextWakeAt");
      });

      it("is moved by exactly one of many who postpone the key", async () => {
        const work = aKey();
        await reconcile(work, { nextWakeAt: NOW + 60_000 });
        const postponed = Array.from(
          { length: 20 },
          (_, index) => () => table.postpone(work, { replaces: NOW + 60_000, until: NOW + 1000 + index, now: NOW }),
        );
        expect((await atOnce(engine, postponed)).filter(Boolean)).toHaveLength(1);
      });

      it("is set where there was none, and again by a retry, but not by somebody who read something else", async () => {
        const work = aKey();
        await reconcile(work);
        const postponement = { replaces: undefined, until: NOW + 1000, now: NOW };
        expect(await table.postpone(work, postponement)).toBe(true);
        expect(await table.postpone(work, postponement)).toBe(true);
        expect(await table.postpone(work, { ...postponement, until: NOW + 2000 })).toBe(false);
        expect(await table.read(work)).toMatchObject({ nextWakeAt: NOW + 1000 });
      });

      it("is not moved while a lease is held", async () => {
        const work = aKey();
        await table.acquire(work, "a", NOW, LEASE_MS);
        expect(await table.postpone(work, { replaces: undefined, until: NOW + 1000, now: NOW })).toBe(false);
      });
    });

    describe("the keys of a kind", () => {
      it("are listed without keys of other kinds", async () => {
        await reconcile({ kind: "nodeclass", key: "c/a" });
        await reconcile({ kind: "nodeclass", key: "c/b" });
        await reconcile({ kind: "demand", key: "c" });
        expect((await table.list("nodeclass")).map(({ key }) => key)).toEqual(["c/a", "c/b"]);
      });
    });

    it("a key that is forgotten leaves no item, unless it was marked meanwhile or its lease is lost", async () => {
      const work = aKey();
      await table.acquire(work, "a", NOW, LEASE_MS);
      await table.mark(work, 1);
      expect(await table.forget(work, { fence: 1, seen: 1 })).toBe("marked");
      expect(await table.forget(work, { fence: 0, seen: 2 })).toBe("lost");
      expect(await table.forget(work, { fence: 1, seen: 2 })).toBe("done");
      expect(await table.read(work)).toBeUndefined();
    });

    it("a key that was never reconciled does not exist", async () => {
      expect(await table.read(aKey())).toBeUndefined();
    });
  });
};
