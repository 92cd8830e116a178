/** Finds a shorter way to the same violation: fewer features, less time. What is left is drawn as before. */
import type { Bug } from "./bugs.ts";
import { runScenario } from "./run.ts";
import { type ScenarioLimits, scenarioOf } from "./scenario.ts";

/** The violated promise, if any. */
const promiseOf = async (seed: number, limits: ScenarioLimits, bug: Bug | undefined): Promise<string | undefined> =>
  (await runScenario(scenarioOf(seed, limits), { keep: 0, reads: false, bug })).violation?.promise;

/** Limits with which the seed still violates the same promise; undefined if it violates none. */
export const shrink = async (seed: number, limits: ScenarioLimits, bug?: Bug): Promise<ScenarioLimits | undefined> => {
  const promise = await promiseOf(seed, limits, bug);
  if (promise === undefined) return undefined;
  let smallest = limits;
  const attempt = async (smaller: ScenarioLimits): Promise<void> => {
    if ((await promiseOf(seed, smaller, bug)) === promise) smallest = smaller;
  };
  const { rates } = scenarioOf(seed, limits);
  for (const [feature, rate] of Object.entries(rates))
    if (rate > 0) await attempt({ ...smallest, without: [...smallest.without, feature] });
  for (let minutes = smallest.minutes - 1; minutes > 0; minutes -= 1) {
    const before = smallest;
    await attempt({ ...smallest, minutes });
    if (smallest === before) break;
  }
  return smallest;
};
