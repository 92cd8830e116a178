/** `npm run bench`: writes one JSON document to stdout and progress to stderr. See docs/benchmarks.md. */
import { arch, cpus, platform } from "node:os";
import { synthesize } from "../infra/synth.ts";
import { benchBundles } from "./bundles.ts";
import { benchCalls } from "./calls.ts";
import { benchDecision } from "./decision.ts";
import { benchDemand } from "./demand.ts";
import { benchPoolReading } from "./pool-reading.ts";
import { benchReading } from "./reading.ts";
import { benchStarts } from "./starts.ts";

const progress = (line: string) => void process.stderr.write(`${line}\n`);

const assembly = await synthesize();
// One after another, so that they do not compete for the processor.
const bundles = await benchBundles(progress);
const demand = benchDemand(progress);
const reading = await benchReading(progress);
const poolReading = await benchPoolReading(progress);
const starts = await benchStarts();
const decision = await benchDecision(assembly, progress);
const calls = await benchCalls(assembly, progress);
const machine = { node: process.version, platform: `${platform()} ${arch()}`, cpus: cpus().length };
process.stdout.write(
  `${JSON.stringify({ machine, demand, reading, poolReading, starts, decision, calls, bundles }, undefined, 2)}\n`,
);
// Idle connections and worker threads must not keep the finished process alive.
process.exit(0);
