/** One of the workers of explore.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { BUGS } from "./bugs.ts";
import type { SeedReport, WorkerTask } from "./explore.ts";
import { runScenario } from "./run.ts";
import { scenarioOf } from "./scenario.ts";

const { first, count, limits, bug, taken } = workerData as WorkerTask;

for (let next = Atomics.add(taken, 0, 1); next < count; next = Atomics.add(taken, 0, 1)) {
  const seed = first + next;
  const options = { keep: 0, reads: false, bug: bug && BUGS[bug] };
  const { steps, violation } = await runScenario(scenarioOf(seed, limits), options);
  parentPort?.postMessage({ seed, steps, violation } satisfies SeedReport);
}
