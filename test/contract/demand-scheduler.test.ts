/** Demand plans against the real scheduler, on randomly generated clusters. `DEMAND_SEEDS=1-200` selects a range of seeds, `DEMAND_SEEDS=17` one. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { playAsPlanned } from "./demand/play-as-planned.ts";
import { playFreely } from "./demand/play-freely.ts";
import { makeScenario, withoutSurprises } from "./demand/scenario.ts";
import { type SchedulerStage, startSchedulerStage } from "./demand/scheduler-stage.ts";
import { NAMESPACES } from "./demand/world.ts";

const START_LIMIT_MS = 120_000;

const seedsOf = (given: string): readonly number[] => {
  const [from = Number.NaN, to = from] = given.split("-").map(Number);
  if (!(from <= to)) throw new Error(`DEMAND_SEEDS is "${given}"; it must be one number, or a range such as 1-200`);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
};

const SEEDS = seedsOf(process.env.DEMAND_SEEDS ?? "1-20");

const replay = (seed: number) =>
  `replay: DEMAND_SEEDS=${seed} npx vitest run --project contract test/contract/demand-scheduler.test.ts`;

let stage: SchedulerStage;

beforeAll(async () => {
  stage = await startSchedulerStage(NAMESPACES);
}, START_LIMIT_MS);

/** Per cluster on which the scheduler placed pods freely: how many nodes each plan started. */
const playedFreely: (readonly number[])[] = [];

afterAll(async () => {
  await stage?.stop();
  const nodes = playedFreely.flat().reduce((sum, count) => sum + count, 0);
  const later = playedFreely.flatMap((starts) => starts.slice(1)).reduce((sum, count) => sum + count, 0);
  console.log(
    `${playedFreely.length} clusters: plans started ${nodes} nodes, ${later} of them for pods that the first plan had not covered`,
  );
}, START_LIMIT_MS);

describe("the nodes that a plan starts", () => {
  it.each(SEEDS)("are enough for the pods they are meant for, and none stays empty, with seed %i", async (seed) => {
    const { stranded, empty } = await playAsPlanned(stage, withoutSurprises(makeScenario(seed)));
    expect({ stranded, empty }, replay(seed)).toEqual({ stranded: [], empty: [] });
  });
});

describe("pods that are still pending after the last plan", () => {
  it.each(SEEDS)("fit on no standby node, with seed %i", async (seed) => {
    const { starts, missed } = await playFreely(stage, makeScenario(seed));
    playedFreely.push(starts);
    expect(missed, replay(seed)).toEqual([]);
  });
});
