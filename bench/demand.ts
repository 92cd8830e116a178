/** How long the decision itself takes: `planDemand`, for different numbers of pods, nodes and pools. */
import { fileURLToPath } from "node:url";
import { CASES, type Case, inputOf } from "./demand/cases.ts";
import { startPlanner } from "./demand/planner.ts";
import { percentiles } from "./percentiles.ts";

const RUNS = 5;

const MEASURED =
  "planDemand alone, without reading and without executing: processor time, median and worst of five runs after two warmup runs, in a process of its own. " +
  "The pods belong to 50 workloads with different requests, and all fit in all pools. One tenth of the nodes is starting, with three pods each; the others " +
  "are standby. Nodes are in three zones, and each pool can launch up to 1000 more. plain: pods with requests only. mixed: of ten workloads, two " +
  "spread over zones, one has anti-affinity by host name, one selects a zone. distinct: like plain, but no two pods have equal requests. second look: like " +
  "distinct, once all nodes are starting. diverse: the mix of Karpenter's benchmark, without nodes and with 20 instance types. allocatedMiB: by one run after them, " +
  "garbage included. startedNodes: to start and to launch.";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const measure = async (one: Case) => {
  const planner = startPlanner(ROOT);
  try {
    const { nodes: startedNodes } = await planner.prepare(inputOf(one));
    const times: number[] = [];
    for (let run = 0; run < RUNS; run += 1) times.push((await planner.round()).cpuMs);
    const { allocatedMiB } = await planner.allocation();
    const { p50: medianMs, p99: worstMs } = percentiles(times);
    return { medianMs, worstMs, allocatedMiB, startedNodes, podsPerSecond: Math.round((one.pods / medianMs) * 1000) };
  } finally {
    planner.stop();
  }
};

export const benchDemand = async (progress: (line: string) => void) => {
  const figures = [];
  for (const one of CASES) {
    progress(`demand: ${one.kind}, ${one.pods} pods, ${one.nodes} nodes, ${one.pools} pools`);
    figures.push({ ...one, ...(await measure(one)) });
  }
  return { measured: MEASURED, figures };
};
