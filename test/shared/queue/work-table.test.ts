import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { overdueKeys } from "../../../shared/queue/overdue.ts";
import { createWorkTable, type WorkItem, type WorkTable } from "../../../shared/queue/work-table.ts";
import { startTable, TABLE, type TestTable } from "../dynamo.ts";

let test: TestTable;
let table: WorkTable;
let keys = 0;

beforeAll(async () => {
  test = await startTable();
  table = createWorkTable(test.documents, TABLE);
});

afterAll(() => test.stop());

const aKey = () => {
  keys += 1;
  return { kind: "pool", key: `c/p${keys}` } as const;
};

const NOW = 1_000_000;
const LEASE = 75_000;
const NO_FAILURE = { failures: 0, wakesSince: 0, wakes: 0 };

describe("a lease", () => {
  it("goes to exactly one of many", async () => {
    const work = aKey();
    const owners = Array.from({ length: 20 }, (_, index) => table.acquire(work, `w${index}`, NOW, LEASE));
    expect((await Promise.all(owners)).filter(Boolean)).toHaveLength(1);
  });

  it("is had by an owner whose answer was lost and who asks again", async () => {
    const work = aKey();
    await table.acquire(work, "a", NOW, LEASE);
    expect(await table.acquire(work, "a", NOW + 1, LEASE)).toMatchObject({ leaseOwner: "a", fence: 2 });
    expect(await table.acquire(work, "b", NOW + 2, LEASE)).toBeUndefined();
  });

  it("can be taken over once it has expired, with a higher fence", async () => {
    const work = aKey();
    const first = await table.acquire(work, "a", NOW, LEASE);
    expect(await table.acquire(work, "b", NOW + LEASE - 1, LEASE)).toBeUndefined();
    const second = await table.acquire(work, "b", NOW + LEASE, LEASE);
    expect(second?.fence).toBe((first?.fence ?? 0) + 1);
  });

  it("cannot be released by one who has lost it", async () => {
    const work = aKey();
    const zombie = await table.acquire(work, "a", NOW, LEASE);
    await table.acquire(work, "b", NOW + LEASE, LEASE);
    const release = { fence: zombie?.fence ?? 0, seen: 0, now: NOW, ...NO_FAILURE, nextWakeAt: undefined };
    expect(await table.release(work, release)).toBe("lost");
    expect(await table.abandon(work, release)).toBe(false);
    expect(await table.read(work)).toMatchObject({ leaseOwner: "b" });
  });
});

describe("a ring", () => {
  it("is never lost, however many ring at once", async () => {
    const work = aKey();
    await Promise.all(Array.from({ length: 20 }, () => table.ring(work)));
    expect(await table.read(work)).toMatchObject({ dirtySeq: 20, doneSeq: 0 });
  });

  it("during a turn keeps the turn from ending", async () => {
    const work = aKey();
    const { dirtySeq: seen } = await table.ring(work);
    const fence = (await table.acquire(work, "a", NOW, LEASE))?.fence ?? 0;
    await table.ring(work);
    const release = { fence, seen, now: NOW, ...NO_FAILURE, nextWakeAt: NOW + 5 };
    expect(await table.release(work, release)).toBe("moved");
    expect(await table.release(work, { ...release, seen: seen + 1 })).toBe("done");
    expect(await table.read(work)).toMatchObject({ doneSeq: 2, leaseUntil: 0, nextWakeAt: NOW + 5 });
  });
});

describe("the keys of a kind", () => {
  it("are listed together, and no others", async () => {
    await table.ring({ kind: "nodeclass", key: "c/a" });
    await table.ring({ kind: "nodeclass", key: "c/b" });
    await table.ring({ kind: "demand", key: "c" });
    expect((await table.list("nodeclass")).map(({ key }) => key)).toEqual(["c/a", "c/b"]);
  });
});

describe("overdue", () => {
  const anItem = (overrides: Partial<WorkItem>): WorkItem => ({
    key: "c/p",
    dirtySeq: 1,
    doneSeq: 1,
    fence: 1,
    leaseUntil: 0,
    failures: 0,
    lastDoneAt: 0,
    wakesSince: 0,
    wakes: 0,
    ...overrides,
  });
  it.each([
    { name: "a key that is done", item: {}, overdue: false },
    { name: "a dirty key that nobody works on", item: { dirtySeq: 2 }, overdue: true },
    { name: "a dirty key under work", item: { dirtySeq: 2, leaseUntil: NOW + 1 }, overdue: false },
    { name: "a dirty key in its backoff", item: { dirtySeq: 2, failures: 1, nextWakeAt: NOW + 1 }, overdue: false },
    { name: "a dirty key whose timer is still to come", item: { dirtySeq: 2, nextWakeAt: NOW + 1 }, overdue: true },
    { name: "a timer that is a little late", item: { nextWakeAt: NOW - 29_000 }, overdue: false },
    { name: "a timer that was lost", item: { nextWakeAt: NOW - 30_000 }, overdue: true },
  ])("$name: $overdue", ({ item, overdue }) => {
    expect(overdueKeys([anItem(item)], NOW)).toEqual(overdue ? ["c/p"] : []);
  });
});
