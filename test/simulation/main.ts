/** `npm run simulate`: explores seeds, replays one with its trace, or repeats a short life with a fault at each call. See docs/testing.md. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { BUGS, type Bug, type BugName } from "./bugs.ts";
import { countCalls, describeFaults, FATES, parseFaults, runWithFaults, SHORT_LIFE } from "./crashes.ts";
import { explore } from "./explore.ts";
import { FEATURES, type Feature } from "./features.ts";
import { integer, streamOf } from "./random.ts";
import { runScenario } from "./run.ts";
import { scenarioOf } from "./scenario.ts";
import { shrink } from "./shrink.ts";

const { values } = parseArgs({
  options: {
    /** Replays this seed and prints its trace. */
    seed: { type: "string" },
    /** With `--seed`: leaves out whatever the violation does not need, first. */
    shrink: { type: "boolean", default: false },
    /** Runs this many seeds. */
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    /** On so many cores. */
    workers: { type: "string", default: String(availableParallelism()) },
    without: { type: "string", default: "" },
    only: { type: "string" },
    /** Features that each seed has, at their full rate and for `--minutes`. */
    always: { type: "string", default: "" },
    minutes: { type: "string", default: "12" },
    lines: { type: "string", default: "400" },
    reads: { type: "boolean", default: false },
    /** One of bugs.ts. */
    bug: { type: "string" },
    /** Repeats the short life with each fault at each call, and with as many pairs of faults as this says. */
    pairs: { type: "string" },
    /** Replays the short life with these faults. */
    at: { type: "string" },
  },
});

const bug: Bug | undefined = values.bug === undefined ? undefined : BUGS[values.bug as BugName];
if (values.bug !== undefined && !bug) throw new Error(`there is no bug "${values.bug}"`);
/** Throws an error that names what is not a feature. */
const featuresOf = (option: string, text: string): Feature[] =>
  text.split(",").flatMap((part) => {
    const name = part.trim();
    const feature = FEATURES.find((one) => one === name);
    if (name !== "" && !feature) throw new Error(`--${option}: "${name}" is none of ${FEATURES.join(", ")}`);
    return feature ?? [];
  });
const only = values.only === undefined ? undefined : featuresOf("only", values.only);
const without = only
  ? FEATURES.filter((feature) => !only.includes(feature))
  : values.without.split(",").filter(Boolean);
const limits = { without, minutes: Number(values.minutes), always: featuresOf("always", values.always) };
const keep = Number(values.lines);

const replay = async (seed: number): Promise<void> => {
  const found = values.shrink ? await shrink(seed, limits, bug) : undefined;
  const used = found ?? limits;
  if (found) console.log(`--seed ${seed} --minutes ${found.minutes} --without "${found.without.join(",")}"`);
  const scenario = scenarioOf(seed, used);
  const result = await runScenario(scenario, { keep, reads: values.reads, bug });
  console.log(JSON.stringify(scenario, null, 1));
  console.log(result.trace.join("\n"));
  console.log(result.violation ?? "nothing is violated", `${result.steps} steps, ${result.calls} calls`);
};

const report = (what: string, count: number, failures: number, steps: number): void => {
  const { user, system } = process.cpuUsage();
  const seconds = performance.now() / 1000;
  console.log(
    `${count} ${what}, ${failures} failed, ${steps} steps, ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of CPU`,
  );
  if (failures > 0) process.exitCode = 1;
};

const exploreSeeds = async (first: number, count: number, workers: number): Promise<void> => {
  let failures = 0;
  let steps = 0;
  await explore({ first, count, limits, bug: values.bug as BugName | undefined }, workers, (found) => {
    steps += found.steps;
    if (!found.violation) return;
    const { promise, what } = found.violation;
    failures += 1;
    console.log(`npm run simulate -- --seed ${found.seed}: promise ${promise}: ${what}`);
  });
  report("seeds", count, failures, steps);
};

const crashEverywhere = async (pairs: number): Promise<void> => {
  const calls = await countCalls(SHORT_LIFE);
  const random = streamOf(Number(values.from), "pairs");
  const any = () => ({ at: integer(random, 1, calls), fate: FATES[integer(random, 0, FATES.length - 1)] ?? "fail" });
  const all = [
    ...Array.from({ length: calls }, (_, index) => FATES.map((fate) => [{ at: index + 1, fate }])).flat(),
    ...Array.from({ length: pairs }, () => [any(), any()]),
  ];
  let failures = 0;
  for (const planned of all) {
    const { violation } = await runWithFaults(SHORT_LIFE, planned);
    if (!violation) continue;
    failures += 1;
    console.log(
      `npm run simulate -- --at "${describeFaults(planned)}": promise ${violation.promise}: ${violation.what}`,
    );
  }
  report("lives", all.length, failures, calls);
};

if (values.at !== undefined) {
  const { violation, trace } = await runWithFaults(SHORT_LIFE, parseFaults(values.at), keep);
  console.log(trace.join("\n"));
  console.log(violation ?? "nothing is violated");
} else if (values.pairs !== undefined) await crashEverywhere(Number(values.pairs));
else if (values.seed !== undefined) await replay(Number(values.seed));
else await exploreSeeds(Number(values.from), Number(values.seeds), Number(values.workers));
