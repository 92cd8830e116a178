import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkTable, type WorkTable } from "../../../shared/queue/work-table.ts";
import { startTable, TABLE, type TestTable } from "../dynamo.ts";
import { inMemoryTable } from "./in-memory.ts";
import { type CallResult, createWorld, type World } from "./world.ts";

type Step =
  | { readonly kind: "change"; readonly key: string }
  | { readonly kind: "deliver" | "sweep" }
  | { readonly kind: "step"; readonly pick: number; readonly result: CallResult }
  | { readonly kind: "crash" | "duplicate" | "copy" | "loseTimer"; readonly pick: number }
  | { readonly kind: "advance"; readonly ms: number };

const KEYS = ["c/p", "c/q"] as const;
const pick = fc.nat(20);
const succeeds = fc.constant<CallResult>("succeeds");

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("change"), key: fc.constantFrom(...KEYS) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("deliver") }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("step"), pick, result: succeeds }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("step"),
      pick,
      result: fc.constantFrom<CallResult>("fails", "loses its response"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("crash"), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("duplicate"), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("sweep") }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("advance"), ms: fc.constantFrom(10, 1_000, 20_000, 76_000) }) },
);

/** Steps after which only the sweep finds some wakes: a copy that another worker deletes can be what a crashed one would be sent again. */
const anyStepOrLostMessage: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: anyStep },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("loseTimer", "copy"), pick }) },
);

const perform = async (world: World, step: Step): Promise<unknown> => {
  switch (step.kind) {
    case "change":
      return world.change(step.key);
    case "deliver":
      return world.deliver();
    case "step":
      return world.step(step.pick, step.result);
    case "crash":
      return world.crash(step.pick);
    case "duplicate":
      return world.duplicate(step.pick);
    case "copy":
      return world.copy(step.pick);
    case "loseTimer":
      return world.loseTimer(step.pick);
    case "advance":
      return world.advance(step.ms);
    case "sweep":
      return world.sweep();
  }
};

/** No more faults: runs everything that can proceed; time advances only when nothing can. */
const settle = async (world: World, forMs: number, { sweeping = false } = {}) => {
  const until = world.now() + forMs;
  let sweepAt = world.now();
  while (world.now() < until) {
    const proceeded = (await world.deliver()) || (await world.step(0, "succeeds"));
    if (proceeded) continue;
    world.advance(5_000);
    if (!sweeping || world.now() < sweepAt) continue;
    await world.sweep();
    sweepAt += 60_000;
  }
};

/** Longer than a lease, a redelivery, the longest backoff reached here and the sweep's interval together. */
const SETTLES_WITHIN_MS = 10 * 60_000;

interface Check {
  readonly tableOf: () => WorkTable;
  readonly steps?: fc.Arbitrary<Step>;
  readonly sweeping?: boolean;
  readonly isGone?: boolean;
  readonly numRuns: number;
}

const checkAll = ({ tableOf, steps = anyStep, sweeping = false, isGone = false, numRuns }: Check) =>
  fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 120, size: "max" }), async (all) => {
      const table = tableOf();
      const world = createWorld(table, { isGone });
      for (const step of all) await perform(world, step);
      await settle(world, SETTLES_WITHIN_MS, { sweeping });
      expect(world.violations).toEqual([]);
      expect(world.unseen()).toEqual([]);
      if (isGone) expect(await table.list("pool")).toEqual([]);
    }),
    { numRuns },
  );

describe("in any order of steps, a key never has two workers and no wake is lost", () => {
  it("without the sweep", () => checkAll({ tableOf: inMemoryTable, numRuns: 500 }), 60_000);

  it(
    "with lost timers and copies of messages, which the sweep repairs",
    () => checkAll({ tableOf: inMemoryTable, steps: anyStepOrLostMessage, sweeping: true, numRuns: 200 }),
    60_000,
  );

  it(
    "and a key whose object is gone leaves no item",
    () => checkAll({ tableOf: inMemoryTable, isGone: true, sweeping: true, numRuns: 300 }),
    60_000,
  );

  let test: TestTable;
  let tables = 0;
  beforeAll(async () => {
    test = await startTable();
  });
  afterAll(() => test.stop());

  /** The same table for all runs, with separate keys for each run. */
  const freshTable = (): WorkTable => {
    tables += 1;
    const run = `run${tables}`;
    const table = createWorkTable(test.documents, TABLE);
    const prefixed = <W extends { key: string }>(work: W): W => ({ ...work, key: `${run} ${work.key}` });
    return {
      acquire: (work, ...rest) => table.acquire(prefixed(work), ...rest),
      mark: (work, fence) => table.mark(prefixed(work), fence),
      postpone: (work, postponement) => table.postpone(prefixed(work), postponement),
      release: (work, release) => table.release(prefixed(work), release),
      forget: (work, lease) => table.forget(prefixed(work), lease),
      abandon: (work, release) => table.abandon(prefixed(work), release),
      read: (work) => table.read(prefixed(work)),
      list: async (kind) =>
        (await table.list(kind))
          .filter(({ key }) => key.startsWith(`${run} `))
          .map((item) => ({ ...item, key: item.key.slice(run.length + 1) })),
    };
  };

  it("with the DynamoDB table", () => checkAll({ tableOf: freshTable, numRuns: 10 }), 60_000);
});

describe("a key that cannot be reconciled", () => {
  it("does not block others, and is retried less and less often", async () => {
    const world = createWorld(inMemoryTable(), { failing: ["c/p"], requeueAfterMs: 30_000 });
    for (const key of KEYS) world.change(key);
    await settle(world, 10 * 60_000);
    expect(world.unseen()).toEqual(["c/p"]);
    expect(world.reconciles.filter((key) => key === "c/q").length).toBeGreaterThan(15);
    // 1 s, 2 s, 4 s … 256 s, then every 300 s; time advances in steps of 5 s here.
    expect(world.reconciles.filter((key) => key === "c/p").length).toBeLessThanOrEqual(10);
  });
});

describe("many wakes at once", () => {
  it("coalesce into few reconciles", async () => {
    const world = createWorld(inMemoryTable());
    for (let wakes = 0; wakes < 60; wakes += 1) world.change("c/p");
    while (await world.deliver());
    while (await world.step(0, "succeeds"));
    await settle(world, 5_000);
    expect(world.unseen()).toEqual([]);
    expect(world.reconciles.length).toBeLessThanOrEqual(2);
  });

  it("over ten seconds lead to at most one reconcile a second, and as many writes as there are reconciles", async () => {
    const calls: string[] = [];
    const world = createWorld(inMemoryTable(async (call) => void calls.push(call)));
    for (let tenths = 0; tenths < 100; tenths += 1) {
      world.change("c/p");
      while ((await world.deliver()) || (await world.step(0, "succeeds")));
      world.advance(100);
    }
    await settle(world, 5_000);
    expect(world.unseen()).toEqual([]);
    expect(world.reconciles.length).toBeLessThanOrEqual(11);
    // Each reconcile takes and gives back the lease, and is announced by one write.
    expect(calls.length).toBeLessThanOrEqual(3 * world.reconciles.length);
  });
});
