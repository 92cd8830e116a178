/** Demand plans against the real scheduler, on randomly generated clusters. `DEMAND_SEEDS=1-1000` selects a range of seeds, `DEMAND_SEEDS=17` one. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Play, playTogether } from "./demand/batch.ts";
import { type Outcome, playFreely } from "./demand/play.ts";
import { playAsPlanned } from "./demand/play-as-planned.ts";
import { makeScenario, withoutSurprises } from "./demand/scenario.ts";
import { type SchedulerStage, startSchedulerStage } from "./demand/scheduler-stage.ts";

const START_LIMIT_MS = 120_000;
/** A batch takes half a minute, and longer on a machine that does other work. */
const BATCH_LIMIT_MS = 600_000;

const seedsOf = (given: string): readonly number[] => {
  const [from = Number.NaN, to = from] = given.split("-").map(Number);
  if (!(from <= to)) throw new Error(`DEMAND_SEEDS is "${given}"; it must be one number, or a range such as 1-200`);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
};

const SEEDS = seedsOf(process.env.DEMAND_SEEDS ?? "1-200");

/** More at once would slow down the scheduler, which looks at all nodes for each pod. */
const BATCH_SIZE = 40;

const replay = (seed: number) =>
  `replay: DEMAND_SEEDS=${seed} npx vitest run --project contract test/contract/demand-scheduler.test.ts`;

let stage: SchedulerStage;

beforeAll(async () => {
  stage = await startSchedulerStage();
}, START_LIMIT_MS);

const isFree = (seed: number): boolean => seed % 2 === 0;

const playOf = (seed: number): Play<Outcome> =>
  isFree(seed)
    ? { scenarioAt: (place) => makeScenario(seed, place), run: playFreely }
    : { scenarioAt: (place) => withoutSurprises(makeScenario(seed, place)), run: playAsPlanned };

const batches = new Map<number, ReturnType<typeof playTogether<Outcome>>>();

/** Plays the seed's batch when the first of its seeds is asked for. */
const outcomeOf = async (seed: number): Promise<Outcome> => {
  const position = SEEDS.indexOf(seed);
  const first = position - (position % BATCH_SIZE);
  const batch = batches.get(first) ?? playTogether(stage, SEEDS.slice(first, first + BATCH_SIZE).map(playOf));
  batches.set(first, batch);
  const result = (await batch)[position - first];
  if (result?.status !== "fulfilled") throw result?.reason;
  return result.value;
};

/** Of each cluster. */
const played: Outcome["nodes"][] = [];

afterAll(async () => {
  await stage?.stop();
  const nodes = played.flat(2);
  const launched = nodes.filter((node) => node === "launched").length;
  const later = played.flatMap((plans) => plans.slice(1)).flat().length;
  console.log(
    `${played.length} clusters: plans started ${nodes.length - launched} nodes and launched ${launched}, ${later} of all for pods that the first plan had not covered`,
  );
}, START_LIMIT_MS);

/** Looks start nothing twice, the pods that nodes are started for run there, and no pod that stays pending would fit on what could be started. */
const PERFECT: Omit<Outcome, "nodes"> = { startedAgain: [], stranded: [], empty: [], missed: [] };

describe("the nodes that plans start and launch are enough, and none is too many", () => {
  it.each(SEEDS)(
    "with seed %i",
    async (seed) => {
      const { nodes, ...outcome } = await outcomeOf(seed);
      played.push(nodes);
      expect(outcome, replay(seed)).toEqual(PERFECT);
    },
    BATCH_LIMIT_MS,
  );
});
