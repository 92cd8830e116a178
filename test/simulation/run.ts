/** Runs one seed: hostile time, calm, quiet, and for some seeds the end of the pools. */
import { startActors } from "./actors/actors.ts";
import type { Bug } from "./bugs.ts";
import { type CallFaults, createCallFaults } from "./call-faults.ts";
import type { Check, Violation } from "./checks/check.ts";
import { checkOthers } from "./checks/others.ts";
import { checkPowerLoss } from "./checks/power.ts";
import { checkLeases, checkWakes } from "./checks/queue.ts";
import { beginQuietTime } from "./checks/quiet.ts";
import { checkRecords } from "./checks/records.ts";
import { leftoversOf, problemsOf } from "./checks/recovery.ts";
import { checkStarts } from "./checks/starts.ts";
import { describeWorld } from "./describe-world.ts";
import { startFaults } from "./faults.ts";
import { startLoad } from "./load.ts";
import { CLASS, CLASSES, classLeftovers } from "./node-class.ts";
import type { Scenario } from "./scenario.ts";
import { createSimulatedWorld, type SimulatedWorld } from "./world.ts";

const MINUTE = 60_000;
/** The longest backoff of a failing key and of unstartable nodes is half an hour; after it everything must have settled. */
const RECOVERS_WITHIN_MS = 90 * MINUTE;
const STEP_MS = MINUTE;
const SETTLES_WITHIN_MS = 3 * MINUTE;
const QUIET_MS = 5 * MINUTE;
const DELETED_WITHIN_MS = 40 * MINUTE;

export interface RunOptions {
  /** How many lines of the trace are kept. */
  readonly keep: number;
  readonly reads: boolean;
  readonly bug?: Bug | undefined;
  /** Those that the scenario's rates say by default. */
  readonly callFaults?: CallFaults | undefined;
}

export interface RunResult {
  readonly violation: Violation | undefined;
  readonly trace: readonly string[];
  readonly steps: number;
  readonly calls: number;
  /** How long the world took to recover. */
  readonly recoveredAfterMs: number | undefined;
}

const CHECKS: readonly Check[] = [checkRecords, checkPowerLoss, checkOthers, checkStarts, checkLeases];

interface Run {
  readonly world: SimulatedWorld;
  readonly violations: Violation[];
  /** Runs until the time, or until something is violated. */
  pass(ms: number): Promise<void>;
}

const runUntil = async (run: Run, withinMs: number, problems: () => readonly string[]): Promise<readonly string[]> => {
  const { world, violations } = run;
  const end = world.clock.now() + withinMs;
  let last = problems();
  while (last.length > 0 && world.clock.now() < end && violations.length === 0) {
    await run.pass(STEP_MS);
    last = problems();
  }
  return last;
};

/** Until there are no problems, and none have come a while later: what the last change led to may still be on its way. */
const recover = async (run: Run, scenario: Scenario): Promise<number | undefined> => {
  const { world, violations, pass } = run;
  const startedAt = world.clock.now();
  const end = startedAt + RECOVERS_WITHIN_MS;
  let problems: readonly string[];
  do {
    problems = await runUntil(run, end - world.clock.now(), () => problemsOf(world, scenario));
    await pass(SETTLES_WITHIN_MS);
  } while (problems.length === 0 && problemsOf(world, scenario).length > 0 && violations.length === 0);
  if (violations.length > 0) return undefined;
  if (problems.length > 0) violations.push({ promise: "11", what: `not recovered: ${problems.join("; ")}` });
  return world.clock.now() - startedAt;
};

const beQuiet = async ({ world, violations, pass }: Run, pools: number): Promise<void> => {
  const quiet = beginQuietTime(world);
  await pass(QUIET_MS);
  const [problem, ...more] = quiet.problems(pools);
  if (problem && violations.length === 0)
    violations.push({ promise: "14", what: `not quiet (${more.length} more): ${problem}` });
};

const deletePools = async (run: Run, { pools, workloads }: Scenario): Promise<void> => {
  const { world, violations } = run;
  const names = pools.map(({ name }) => name);
  for (const { name } of workloads) world.store.remove("deployments.apps", name, "default");
  for (const name of names) world.store.remove("nodepools.stratos.sh", name);
  world.store.remove(CLASSES, CLASS);
  world.trace.add("user", `deletes ${names.join()} and their class`);
  const leftovers = () => [...leftoversOf(world, names), ...classLeftovers(world)];
  const left = await runUntil(run, DELETED_WITHIN_MS, leftovers);
  if (left.length > 0 && violations.length === 0)
    violations.push({ promise: "10", what: `left of ${names.join()}: ${left.join("; ")}` });
};

export const runScenario = async (
  scenario: Scenario,
  { keep, reads, bug, callFaults }: RunOptions,
): Promise<RunResult> => {
  const { seed, network, workloads, hostileMs } = scenario;
  const faults = callFaults ?? createCallFaults(scenario);
  const world = createSimulatedWorld({
    seed,
    network,
    hasVolumes: workloads.some(({ volumeZone }) => volumeZone !== undefined),
    keep,
    reads,
    faults,
    bug,
  });
  const violations: Violation[] = [];
  const violate = (promise: string, what: string) => {
    world.trace.add("VIOLATION", `promise ${promise}: ${what}`);
    violations.push({ promise, what });
  };
  for (const check of CHECKS) check(world, violate);
  const isCalm = callFaults === undefined && Object.values(scenario.rates).every((rate) => rate === 0);
  if (isCalm) checkWakes(world, violate);
  const pass = (ms: number) => world.clock.runUntil(world.clock.now() + ms, () => violations.length > 0);
  const run: Run = { world, violations, pass };

  const stops = [startLoad(world, scenario), startFaults(world, scenario, faults), startActors(world, scenario)];
  await pass(hostileMs);
  for (const stop of stops) stop();
  world.trace.add("user", "faults, actors and changes of the load end");
  const recoveredAfterMs = violations.length === 0 ? await recover(run, scenario) : undefined;
  if (violations.length === 0 && scenario.isQuiet) await beQuiet(run, scenario.pools.length);
  if (violations.length === 0 && scenario.deletesPools) await deletePools(run, scenario);
  return {
    violation: violations[0],
    trace: keep > 0 ? [...world.trace.lines(), ...describeWorld(world)] : [],
    steps: world.clock.steps(),
    calls: world.calls.count(),
    recoveredAfterMs,
  };
};
