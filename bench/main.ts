/** `npm run bench [-- --beside <commit>]`: writes one JSON document to stdout and progress to stderr. See docs/benchmarks.md. */
import { arch, cpus, platform } from "node:os";
import { parseArgs } from "node:util";
import { synthesize } from "../infra/synth.ts";
import { benchBundles } from "./bundles.ts";
import { benchCalls } from "./calls.ts";
import { benchDecision } from "./decision.ts";
import { benchBeside } from "./demand/beside.ts";
import { benchDemand } from "./demand.ts";
import { benchPoolReading } from "./pool-reading.ts";
import { benchReading } from "./reading.ts";
import { benchStarts } from "./starts.ts";

const progress = (line: string) => void process.stderr.write(`${line}\n`);

const machine = { node: process.version, platform: `${platform()} ${arch()}`, cpus: cpus().length };

const benchAll = async () => {
  const assembly = await synthesize();
  // One after another, so that they do not compete for the processor.
  const bundles = await benchBundles(progress);
  const demand = await benchDemand(progress);
  const reading = await benchReading(progress);
  const poolReading = await benchPoolReading(progress);
  const starts = await benchStarts();
  const decision = await benchDecision(assembly, progress);
  const calls = await benchCalls(assembly, progress);
  return { demand, reading, poolReading, starts, decision, calls, bundles };
};

const { beside } = parseArgs({ options: { beside: { type: "string" } } }).values;
const results = beside === undefined ? await benchAll() : { beside: await benchBeside(beside, progress) };
process.stdout.write(`${JSON.stringify({ machine, ...results }, undefined, 2)}\n`);
// Idle connections and worker threads must not keep the finished process alive.
process.exit(0);
