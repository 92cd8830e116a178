/** The promises of the specification under faults: some worlds in each run; `npm run simulate` explores others. */
import { describe, expect, it } from "vitest";
import { BUGS, type Bug, type BugName } from "./bugs.ts";
import { countCalls, describeFaults, FATES, runWithFaults, SHORT_LIFE } from "./crashes.ts";
import { FEATURES } from "./features.ts";
import { runScenario } from "./run.ts";
import { type ScenarioLimits, scenarioOf } from "./scenario.ts";
import { shrink } from "./shrink.ts";

const SEEDS = 6;
/** Every so many calls of the short life are interrupted, by each fate in turn. */
const CALLS_APART = 97;

const QUIET = { keep: 0, reads: false };

describe("production code in a simulated world", () => {
  it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))("keeps its promises, seed %i", async (seed) => {
    const { violation } = await runScenario(scenarioOf(seed, { without: [], minutes: 8 }), QUIET);
    expect(violation, `npm run simulate -- --minutes 8 --seed ${seed}`).toBeUndefined();
  });

  it("does the same again for the same seed", async () => {
    const scenario = scenarioOf(2, { without: [], minutes: 3 });
    const options = { keep: 100_000, reads: true };
    const { trace } = await runScenario({ ...scenario, isQuiet: false }, options);
    expect((await runScenario({ ...scenario, isQuiet: false }, options)).trace).toEqual(trace);
  });

  it("recovers from a fault at any call", async () => {
    const calls = await countCalls(SHORT_LIFE);
    expect(calls).toBeGreaterThan(500);
    for (let at = CALLS_APART; at <= calls; at += CALLS_APART) {
      const planned = [{ at, fate: FATES[(at / CALLS_APART) % FATES.length] ?? "fail" }];
      const { violation } = await runWithFaults(SHORT_LIFE, planned);
      expect(violation, `npm run simulate -- --at "${describeFaults(planned)}"`).toBeUndefined();
    }
  });
});

const limitsOf = ({ needs = [] }: Bug): ScenarioLimits =>
  needs === "calm" ? { without: FEATURES, minutes: 8 } : { without: [], minutes: 8, always: needs };

/** Any change of production code makes a seed another life, so that another seed may be needed. */
const MOST_SEEDS = 40;

/** A seed that finds each now. */
const FOUND_BY: Readonly<Record<BugName, number>> = {
  "a list of instances is trusted for two minutes": 8,
  "the state reason is ignored": 20,
  "a launch is repeated with another token": 1,
  "instances are launched without tags": 2,
  "all instances of the account are the pool's": 8,
  "a launch asks for one instance more": 2,
  "a launch without an answer is repeated with another token": 19,
  "terminations are taken for done": 5,
  "stops are taken for done": 6,
  "starts are taken for done": 3,
  "stopping instances are taken for stopped": 25,
  "the pods of a node that cannot be read are taken for none": 36,
  "no node has pods": 2,
  "nodes are not uncordoned": 6,
  "pods without a node are not seen": 2,
  "nodes are patched at each look": 5,
  "a pool's deletion is not seen": 6,
  "a pool's size is read one too large": 2,
  "pools have no finalizer": 1,
  "the token is not persisted": 1,
  "EC2 is called before the record is written": 2,
  "a slot is released with its instance": 1,
  "parameters of launches are kept": 2,
  "leases exclude nobody": 6,
  "the dirty mark is ignored": 2,
  "no events are recorded": 14,
  "what the table holds of a deleted pool is kept": 6,
  "demand does not see nodes that are starting": 28,
  "records are written whatever their version": 20,
  "marks during a lease are not looked at": 2,
  "each key is looked at every second": 1,
  "a class keeps its first image": 2,
  "an instance profile is kept": 15,
  "a class has no finalizer while pools use it": 13,
};

const isFoundBy = async (bug: Bug, seed: number): Promise<boolean> =>
  (await runScenario(scenarioOf(seed, limitsOf(bug)), { ...QUIET, bug })).violation !== undefined;

describe("a deliberate bug", () => {
  it.each(Object.entries(FOUND_BY) as [BugName, number][])("is found: %s (by seed %i)", async (name, known) => {
    const seeds = [known, ...Array.from({ length: MOST_SEEDS }, (_, index) => index + 1)];
    let tried = 0;
    while (tried < seeds.length && !(await isFoundBy(BUGS[name], seeds[tried] ?? 0))) tried += 1;
    expect(tried).toBeLessThan(seeds.length);
  });
});

describe("a violation", () => {
  it("is shown with fewer features and in less time", async () => {
    const limits = { without: [], minutes: 8 };
    const bug = BUGS["the token is not persisted"];
    const smaller = await shrink(1, limits, bug);
    expect(smaller?.minutes).toBe(1);
    expect(Object.values(scenarioOf(1, smaller ?? limits).rates).every((rate) => rate === 0)).toBe(true);
  });

  it("is not there without a bug", async () => {
    expect(await shrink(1, { without: FEATURES, minutes: 1 })).toBeUndefined();
  });
});
