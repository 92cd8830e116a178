/** Runs many seeds on all cores; which core runs which seed makes no difference. */
import { Worker } from "node:worker_threads";
import type { BugName } from "./bugs.ts";
import type { Violation } from "./checks/check.ts";
import type { ScenarioLimits } from "./scenario.ts";

export interface Exploration {
  readonly first: number;
  readonly count: number;
  readonly limits: ScenarioLimits;
  readonly bug: BugName | undefined;
}

/** What each worker gets: it takes seed after seed, `first` and how many others have been taken. */
export interface WorkerTask extends Exploration {
  readonly taken: Int32Array;
}

/** What a worker reports of each seed. */
export interface SeedReport {
  readonly seed: number;
  readonly steps: number;
  readonly violation: Violation | undefined;
}

const WORKER = new URL("./explore-worker.ts", import.meta.url);

const work = (task: WorkerTask, onReport: (report: SeedReport) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: task });
    worker.on("message", onReport);
    worker.on("error", reject);
    worker.on("exit", () => resolve());
  });

export const explore = async (
  exploration: Exploration,
  workers: number,
  onReport: (report: SeedReport) => void,
): Promise<void> => {
  const taken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  await Promise.all(Array.from({ length: workers }, () => work({ ...exploration, taken }, onReport)));
};
