/**
 * Plans in a process of its own, so that planners of different commits neither share compiled code nor a heap. The argument is the root of a checkout.
 * A message is an input, which is prepared and planned twice without being measured, or what to measure of one more plan.
 */
import { GCProfiler } from "node:v8";
import type { DemandInput } from "./input.ts";
import { loadPlanner, type Plan } from "./planners.ts";

/** Milliseconds of processor time, garbage collection and compilation included. */
export interface Round {
  readonly cpuMs: number;
}

export interface Outcome {
  readonly placed: number;
  readonly nodes: number;
}

export interface Allocation {
  /** Whether it is collected meanwhile or not. */
  readonly allocatedMiB: number;
}

export type Message = { readonly input: DemandInput } | "round" | "allocation";

const outcomeOf = ({ placed, starts, launches }: Plan): Outcome => ({
  placed: placed.length,
  nodes: [...starts.map(({ records }) => records), ...launches.map(({ pods }) => pods)].flat().length,
});

/**
 * By how much more is in use afterwards, and what each garbage collection meanwhile has freed. Without a collection before it: that would also drop hidden
 * classes that no object has in between, and compiled code with them.
 */
const measureAllocation = (plan: () => Plan): Allocation => {
  const profiler = new GCProfiler();
  profiler.start();
  const before = process.memoryUsage().heapUsed;
  plan();
  const after = process.memoryUsage().heapUsed;
  const freed = (profiler.stop()?.statistics ?? []).reduce(
    (sum, { beforeGC, afterGC }) => sum + beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize,
    0,
  );
  return { allocatedMiB: Math.round((after - before + freed) / 2 ** 20) };
};

/** Without a collection before it, either. */
const measureRound = (plan: () => Plan): Round => {
  const since = process.cpuUsage();
  plan();
  const { user, system } = process.cpuUsage(since);
  return { cpuMs: (user + system) / 1000 };
};

const makePlan = await loadPlanner(process.argv[2] ?? "");
let plan: (() => Plan) | undefined;

process.on("message", (message: Message) => {
  if (typeof message === "object") {
    plan = makePlan(message.input);
    plan();
    process.send?.(outcomeOf(plan()));
  } else if (plan) {
    process.send?.(message === "round" ? measureRound(plan) : measureAllocation(plan));
  }
});
