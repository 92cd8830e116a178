/** One execution environment: a worker thread that loads a function's bundle and runs one invocation at a time. */
import type { FunctionFailure, Invoke, Setup, ThreadMessage } from "./thread-messages.ts";
import { keepWorker, takeWorker } from "./worker-pool.ts";

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
  invoke(invoke: Omit<Invoke, "kind">): Promise<unknown>;
  alive(): boolean;
  /** Ends the thread immediately, wherever it is; a running invocation fails with this reason. */
  kill(reason: string): Promise<void>;
  /** Ends the environment, and leaves its thread to another one unless it is at work. */
  stop(): Promise<void>;
}

export interface ThreadOptions {
  readonly setup: Omit<Setup, "kind">;
  onOutput(text: string): void;
  onEnd(): void;
}

type Settle = { resolve(value: unknown): void; reject(error: Error): void };

const exitError = (errorMessage: string) =>
  new FunctionError({ errorType: "Runtime.ExitError", errorMessage, trace: [] });

export const startThread = ({ setup, onOutput, onEnd }: ThreadOptions): Thread => {
  const worker = takeWorker(setup.modulePath);
  let alive = true;
  let loaded = false;
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

  const receive = (message: ThreadMessage) => {
    if (message.kind === "output") onOutput(message.text);
    else if (message.kind === "ready") {
      loaded = true;
      initialized?.resolve(undefined);
    } else if (message.kind === "succeeded") settle(({ resolve }) => resolve(JSON.parse(message.payload)));
    else if (message.kind === "failed") settle(({ reject }) => reject(new FunctionError(message.failure)));
    else {
      end(new FunctionError(message.failure));
      void worker.terminate();
    }
  };
  worker.on("message", receive);
  worker.on("error", (error) => end(exitError(`Runtime exited with error: ${String(error)}`)));
  worker.on("exit", (code) => end(exitError(`Runtime exited with status: ${code}`)));
  worker.postMessage({ kind: "setup", ...setup } satisfies Setup);

  const kill = async (reason: string) => {
    end(exitError(reason));
    await worker.terminate();
  };

  return {
    ready: async () => void (await ready),
    alive: () => alive,
    invoke: async (invoke) => {
      await ready;
      if (ended) throw ended;
      return new Promise((resolve, reject) => {
        running = { resolve, reject };
        worker.postMessage({ kind: "invoke", ...invoke } satisfies Invoke);
      });
    },
    kill,
    stop: async () => {
      const reason = "The runtime stopped";
      if (!alive || !loaded || running) return kill(reason);
      end(exitError(reason));
      await keepWorker(setup.modulePath, worker);
    },
  };
};
