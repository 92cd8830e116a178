/**
 * The worker threads of execution environments. An environment that has ended leaves its thread to the next one with the same bundle,
 * which evaluates the bundle anew but does not start a thread or compile code: most of what a short-lived environment costs.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

/** Where Node keeps the compiled code of modules by default: a bundle is compiled once and not in each thread. */
const COMPILE_CACHE = join(tmpdir(), "node-compile-cache");

/** As many as one simulated cloud starts of its functions; each takes some tens of MB. */
const MOST_IDLE = 12;

interface IdleWorker {
  readonly modulePath: string;
  readonly worker: Worker;
}

let idle: IdleWorker[] = [];

/** Not to all events: Node itself listens to some. */
const stopListening = (worker: Worker) => {
  for (const event of ["message", "error", "exit"]) worker.removeAllListeners(event);
};

/** Returns a worker that runs `thread-main.ts` and waits for its setup. */
export const takeWorker = (modulePath: string): Worker => {
  const found = idle.findLast((candidate) => candidate.modulePath === modulePath);
  if (!found) {
    const env = { NODE_COMPILE_CACHE: COMPILE_CACHE };
    return new Worker(new URL("./thread-main.ts", import.meta.url), { env, execArgv: [] });
  }
  idle = idle.filter((other) => other !== found);
  stopListening(found.worker);
  found.worker.ref();
  return found.worker;
};

/** Keeps a worker that does nothing any more, or ends it. */
export const keepWorker = async (modulePath: string, worker: Worker): Promise<void> => {
  stopListening(worker);
  // Other modules cannot be evaluated twice.
  if (!modulePath.endsWith(".cjs") || idle.length >= MOST_IDLE) {
    await worker.terminate();
    return;
  }
  worker.unref();
  const forget = () => {
    idle = idle.filter((other) => other.worker !== worker);
  };
  worker.on("error", forget);
  worker.on("exit", forget);
  idle.push({ modulePath, worker });
};
