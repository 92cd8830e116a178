/** `npm run bench [-- --beside <commit> | --only <part>]`: writes one JSON document to stdout and progress to stderr. See docs/benchmarks.md. */
import { arch, cpus, platform } from "node:os";
import { parseArgs } from "node:util";
import { synthesize } from "../infra/synth.ts";
import { benchBundles } from "./bundles.ts";
import { benchCalls } from "./calls.ts";
import { benchCost } from "./cost.ts";
import { benchDecision } from "./decision.ts";
import { benchBeside } from "./demand/beside.ts";
import { benchDemand } from "./demand.ts";
import { benchPoolReading } from "./pool-reading.ts";
import { benchReading } from "./reading.ts";
import { benchStarts } from "./starts.ts";
import { benchTemplate } from "./template.ts";

const progress = (line: string) => void process.stderr.write(`${line}\n`);

const machine = { node: process.version, platform: `${platform()} ${arch()}`, cpus: cpus().length };

const PARTS: Readonly<Record<string, (assembly: string) => Promise<unknown>>> = {
  demand: () => benchDemand(progress),
  reading: () => benchReading(progress),
  poolReading: () => benchPoolReading(progress),
  starts: () => benchStarts(),
  decision: (assembly) => benchDecision(assembly, progress),
  calls: (assembly) => benchCalls(assembly, progress),
  bundles: () => benchBundles(progress),
  cost: (assembly) => benchCost(assembly, progress),
  template: () => benchTemplate(),
};

/** All parts or one. Throws if there is none of that name. */
const bench = async (only: string | undefined) => {
  if (only !== undefined && !(only in PARTS))
    throw new Error(`--only: found ${only}; allowed: ${Object.keys(PARTS).join(", ")}`);
  const assembly = await synthesize();
  const results: Record<string, unknown> = {};
  // One after another, so that they do not compete for the processor.
  for (const [name, part] of Object.entries(PARTS))
    if (only === undefined || only === name) results[name] = await part(assembly);
  return results;
};

const { beside, only } = parseArgs({ options: { beside: { type: "string" }, only: { type: "string" } } }).values;
const results = beside === undefined ? await bench(only) : { beside: await benchBeside(beside, progress) };
process.stdout.write(`${JSON.stringify({ machine, ...results }, undefined, 2)}\n`);
// Idle connections and worker threads must not keep the finished process alive.
process.exit(0);
