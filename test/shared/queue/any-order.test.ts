import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkTable, type WorkTable } from "../../../shared/queue/work-table.ts";
import { startTable, TABLE, type TestTable } from "../dynamo.ts";
import { inMemoryTable } from "./in-memory.ts";
import { createWorld, type Fate, type World } from "./world.ts";

type Happening =
  | { readonly kind: "ring"; readonly key: string }
  | { readonly kind: "deliver" | "sweep" }
  | { readonly kind: "step"; readonly pick: number; readonly fate: Fate }
  | { readonly kind: "crash" | "duplicate" | "loseTimer"; readonly pick: number }
  | { readonly kind: "pass"; readonly ms: number };

const KEYS = ["c/p", "c/q"] as const;
const pick = fc.nat(20);
const goesOn = fc.constant<Fate>("goes on");

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("ring"), key: fc.constantFrom(...KEYS) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("deliver") }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("step"), pick, fate: goesOn }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("step"),
      pick,
      fate: fc.constantFrom<Fate>("fails", "goes unanswered"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("crash"), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("duplicate"), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("sweep") }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("pass"), ms: fc.constantFrom(10, 1_000, 20_000, 76_000) }) },
);

const losingTimers: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 10, arbitrary: happening },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("loseTimer"), pick }) },
);

const happen = async (world: World, what: Happening): Promise<unknown> => {
  switch (what.kind) {
    case "ring":
      return world.ring(what.key);
    case "deliver":
      return world.deliver();
    case "step":
      return world.step(what.pick, what.fate);
    case "crash":
      return world.crash(what.pick);
    case "duplicate":
      return world.duplicate(what.pick);
    case "loseTimer":
      return world.loseTimer(what.pick);
    case "pass":
      return world.pass(what.ms);
    case "sweep":
      return world.sweep();
  }
};

/** Faults are over: whatever can go on does, and time passes only when nothing can. */
const letSettle = async (world: World, forMs: number, { sweeping = false } = {}) => {
  const until = world.now() + forMs;
  let sweepAt = world.now();
  while (world.now() < until) {
    const moved = (await world.deliver()) || (await world.step(0, "goes on"));
    if (moved) continue;
    world.pass(5_000);
    if (!sweeping || world.now() < sweepAt) continue;
    await world.sweep();
    sweepAt += 60_000;
  }
};

/** Longer than a lease, a redelivery, the longest backoff reached here and the sweep's patience together. */
const SETTLES_WITHIN_MS = 10 * 60_000;

interface Check {
  readonly tableOf: () => WorkTable;
  readonly happenings?: fc.Arbitrary<Happening>;
  readonly sweeping?: boolean;
  readonly numRuns: number;
}

const checkAll = ({ tableOf, happenings = happening, sweeping = false, numRuns }: Check) =>
  fc.assert(
    fc.asyncProperty(fc.array(happenings, { maxLength: 120, size: "max" }), async (all) => {
      const world = createWorld(tableOf());
      for (const what of all) await happen(world, what);
      await letSettle(world, SETTLES_WITHIN_MS, { sweeping });
      expect(world.broken).toEqual([]);
      expect(world.unseen()).toEqual([]);
    }),
    { numRuns },
  );

describe("in whatever order things happen, never two work on a key and no ring is lost", () => {
  it("even without the sweep", () => checkAll({ tableOf: inMemoryTable, numRuns: 500 }), 60_000);

  it(
    "if the sweep repairs what lost wakes leave behind",
    () => checkAll({ tableOf: inMemoryTable, happenings: losingTimers, sweeping: true, numRuns: 200 }),
    60_000,
  );

  let test: TestTable;
  let tables = 0;
  beforeAll(async () => {
    test = await startTable();
  });
  afterAll(() => test.stop());

  /** The same table, in which each run has keys of its own. */
  const freshTable = (): WorkTable => {
    tables += 1;
    const run = `run${tables}`;
    const table = createWorkTable(test.documents, TABLE);
    const mine = <W extends { key: string }>(work: W): W => ({ ...work, key: `${run} ${work.key}` });
    return {
      markDirty: (work) => table.markDirty(mine(work)),
      acquire: (work, ...rest) => table.acquire(mine(work), ...rest),
      release: (work, release) => table.release(mine(work), release),
      abandon: (work, release) => table.abandon(mine(work), release),
      read: (work) => table.read(mine(work)),
      list: async (kind) =>
        (await table.list(kind))
          .filter(({ key }) => key.startsWith(`${run} `))
          .map((item) => ({ ...item, key: item.key.slice(run.length + 1) })),
    };
  };

  it("with the table in DynamoDB's protocol", () => checkAll({ tableOf: freshTable, numRuns: 10 }), 60_000);
});

describe("a key that cannot be reconciled", () => {
  it("blocks no other, and is tried ever less often", async () => {
    const world = createWorld(inMemoryTable(), { failing: ["c/p"], lookAgainMs: 30_000 });
    for (const key of KEYS) world.ring(key);
    await letSettle(world, 10 * 60_000);
    expect(world.unseen()).toEqual(["c/p"]);
    expect(world.looks.filter((key) => key === "c/q").length).toBeGreaterThan(15);
    // 1 s, 2 s, 4 s … 256 s, then every 300 s; time passes in steps of 5 s here.
    expect(world.looks.filter((key) => key === "c/p").length).toBeLessThanOrEqual(10);
  });
});

describe("many rings at once", () => {
  it("make few looks", async () => {
    const world = createWorld(inMemoryTable());
    for (let rings = 0; rings < 60; rings += 1) world.ring("c/p");
    while (await world.deliver());
    while (await world.step(0, "goes on"));
    expect(world.unseen()).toEqual([]);
    expect(world.looks.length).toBeLessThanOrEqual(5);
  });
});
