/** One execution environment: a worker thread that loads a function's bundle and runs one invocation at a time. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { FunctionFailure, Invoke, ThreadMessage, ThreadSetup } from "./thread-messages.ts";

/** A function's failed invocation, as Lambda reports it to the caller. */
export class FunctionError extends Error {
  readonly failure: FunctionFailure;
  constructor(failure: FunctionFailure) {
    super(`${failure.errorType}: ${failure.errorMessage}`);
    this.name = "FunctionError";
    this.failure = failure;
  }
}

export interface Thread {
  /** Resolves once the module is loaded. Throws `FunctionError`. */
  ready(): Promise<void>;
  /** Returns the handler's parsed result. Throws `FunctionError`; unless the handler itself failed, `alive` is false afterwards. */
  invoke(invoke: Invoke): Promise<unknown>;
  alive(): boolean;
  /** Ends the thread immediately, wherever it is; a running invocation fails with this reason. */
  kill(reason: string): Promise<void>;
}

export interface ThreadOptions {
  readonly setup: ThreadSetup;
  readonly env: Readonly<Record<string, string>>;
  onOutput(text: string): void;
  onEnd(): void;
}

/** Where Node keeps the compiled code of modules by default: a bundle is compiled once and not in each environment. */
const COMPILE_CACHE = join(tmpdir(), "node-compile-cache");

type Settle = { resolve(value: unknown): void; reject(error: Error): void };

const exitError = (errorMessage: string) =>
  new FunctionError({ errorType: "Runtime.ExitError", errorMessage, trace: [] });

export const startThread = ({ setup, env, onOutput, onEnd }: ThreadOptions): Thread => {
  const worker = new Worker(new URL("./thread-main.ts", import.meta.url), {
    workerData: setup,
    env: { ...env, NODE_COMPILE_CACHE: COMPILE_CACHE },
    execArgv: [],
  });
  let alive = true;
  let ended: Error | undefined;
  let running: Settle | undefined;
  let initialized: Settle | undefined;
  const ready = new Promise<unknown>((resolve, reject) => {
    initialized = { resolve, reject };
  });
  // An invocation reports the failure; if the thread ends before any invocation, there is no caller to inform.
  ready.catch(() => {});

  const end = (error: Error) => {
    if (!alive) return;
    alive = false;
    ended = error;
    initialized?.reject(error);
    running?.reject(error);
    running = undefined;
    onEnd();
  };

  const settle = (act: (settle: Settle) => void) => {
    const settled = running;
    running = undefined;
    if (settled) act(settled);
  };

  worker.on("message", (message: ThreadMessage) => {
    if (message.kind === "output") onOutput(message.text);
    else if (message.kind === "ready") initialized?.resolve(undefined);
    else if (message.kind === "succeeded") settle(({ resolve }) => resolve(JSON.parse(message.payload)));
    else if (message.kind === "failed") settle(({ reject }) => reject(new FunctionError(message.failure)));
    else {
      end(new FunctionError(message.failure));
      void worker.terminate();
    }
  });
  worker.on("error", (error) => end(exitError(`Runtime exited with error: ${String(error)}`)));
  worker.on("exit", (code) => end(exitError(`Runtime exited with status: ${code}`)));

  return {
    ready: async () => void (await ready),
    alive: () => alive,
    invoke: async (invoke) => {
      await ready;
      if (ended) throw ended;
      return new Promise((resolve, reject) => {
        running = { resolve, reject };
        worker.postMessage(invoke);
      });
    },
    kill: async (reason) => {
      end(exitError(reason));
      await worker.terminate();
    },
  };
};
