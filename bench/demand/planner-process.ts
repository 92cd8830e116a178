/**
 * Plans in a process of its own, so that planners of different commits neither share compiled code nor a heap. The argument is the root of a checkout.
 * A message is an input, which is prepared and planned twice without being measured, or `round`, which plans once more and answers with a Round.
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
  /** By one plan, whether it is collected meanwhile or not. */
  readonly allocatedMiB: number;
}

export type Message = { readonly input: DemandInput } | "round";

const outcomeOf = ({ placed, starts, launches }: Plan): Omit<Outcome, "allocatedMiB"> => ({
  placed: placed.length,
  nodes: [...starts.map(({ records }) => records), ...launches.map(({ pods }) => pods)].flat().length,
});

const collectGarbage = (): void => globalThis.gc?.();

/** What is in use afterwards, and what each garbage collection meanwhile has freed. */
const allocatedBytes = (plan: () => Plan): number => {
  collectGarbage();
  const profiler = new GCProfiler();
  profiler.start();
  const before = process.memoryUsage().heapUsed;
  plan();
  const after = process.memoryUsage().heapUsed;
  const freed = (profiler.stop()?.statistics ?? []).reduce(
    (sum, { beforeGC, afterGC }) => sum + beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize,
    0,
  );
  return after - before + freed;
};

const measureRound = (plan: () => Plan): Round => {
  collectGarbage();
  const since = process.cpuUsage();
  plan();
  const { user, system } = process.cpuUsage(since);
  return { cpuMs: (user + system) / 1000 };
};

const makePlan = await loadPlanner(process.argv[2] ?? "");
let plan: (() => Plan) | undefined;

process.on("message", (message: Message) => {
  if (message === "round") {
    if (plan) process.send?.(measureRound(plan));
    return;
  }
  plan = makePlan(message.input);
  const outcome = outcomeOf(plan());
  process.send?.({ ...outcome, allocatedMiB: Math.round(allocatedBytes(plan) / 2 ** 20) } satisfies Outcome);
});
