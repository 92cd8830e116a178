/** One function: its warm execution environments, up to its concurrency, and the invocations waiting for one. */
import type { Clock } from "../../clock.ts";
import type { SignedCall } from "../gateway/credentials.ts";
import { type Environment, type EnvironmentOptions, type FunctionDefinition, startEnvironment } from "./environment.ts";

export interface FunctionOptions extends EnvironmentOptions {
  readonly clock: Clock;
  /** Draws how long the next cold start takes, in addition to the time for loading the code here; 0 for no time. */
  readonly coldStartMs: () => number;
}

/** Receives each signed call of an invocation; `index` counts them from 1. */
export type KillPredicate = (call: { readonly name: string; readonly index: number }) => boolean;

export interface RunningFunction {
  readonly definition: FunctionDefinition;
  /** Returns the handler's result. Throws `FunctionError`. Holds the clock from dispatch to completion, except for a cold start. */
  invoke(event: unknown): Promise<unknown>;
  /** Kills the environment in the middle of a call: the call still takes effect, but its response is lost. */
  killWhen(predicate: KillPredicate): () => void;
  stop(): Promise<void>;
}

export const startFunction = (options: FunctionOptions): RunningFunction => {
  const { definition, clock, credentials } = options;
  const environments = new Set<Environment>();
  const idle: Environment[] = [];
  const waiting: ((environment: Environment) => void)[] = [];
  const predicates = new Set<KillPredicate>();

  let stopped = false;

  const start = (): Environment => {
    if (stopped) throw new Error(`${definition.name} is stopped`);
    const environment = startEnvironment(options, () => {
      environments.delete(environment);
      if (idle.includes(environment)) idle.splice(idle.indexOf(environment), 1);
    });
    environments.add(environment);
    return environment;
  };

  const acquire = (): Environment | Promise<Environment> =>
    idle.pop() ??
    (environments.size < definition.concurrency ? start() : new Promise((resolve) => void waiting.push(resolve)));

  const release = (environment: Environment) => {
    if (stopped) return;
    const next = waiting.shift();
    if (next) next(environment.thread.alive() ? environment : start());
    else if (environment.thread.alive()) idle.push(environment);
  };

  const warmUp = async (environment: Environment) => {
    const waitMs = environment.cold ? options.coldStartMs() : 0;
    environment.cold = false;
    if (waitMs > 0) await clock.sleep(waitMs);
  };

  const runWithin = async (environment: Environment, event: unknown): Promise<unknown> => {
    const { timeoutMs } = definition;
    const context = environment.context();
    const seconds = timeoutMs / 1000;
    const timeOut = `RequestId: ${context.awsRequestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`;
    const cancelTimeout = clock.after(timeoutMs, () => void environment.thread.kill(timeOut));
    try {
      const deadline = clock.now() + timeoutMs;
      return await environment.thread.invoke({ context, deadline, event: JSON.stringify(event) });
    } finally {
      cancelTimeout();
    }
  };

  const run = async (environment: Environment, event: unknown): Promise<unknown> => {
    environment.calls = 0;
    try {
      // The timeout is the invocation's alone (Lambda Developer Guide, "Lambda execution environment lifecycle": Init phase).
      await environment.thread.ready();
      return await runWithin(environment, event);
    } finally {
      release(environment);
    }
  };

  const stopListening = credentials.onCall(({ key, name }: SignedCall) => {
    const environment = [...environments].find((candidate) => candidate.key === key);
    if (!environment) return;
    environment.calls += 1;
    const call = { name, index: environment.calls };
    if ([...predicates].some((kills) => kills(call))) void environment.thread.kill(`Killed during ${name}`);
  });

  return {
    definition,
    invoke: async (event) => {
      // Waiting holds no time: what it waits for may be another invocation's cold start, which is nothing but time.
      const environment = await acquire();
      await warmUp(environment);
      return clock.busy(() => run(environment, event));
    },
    killWhen: (predicate) => {
      predicates.add(predicate);
      return () => void predicates.delete(predicate);
    },
    stop: async () => {
      stopped = true;
      stopListening();
      await Promise.all([...environments].map(({ thread }) => thread.stop()));
    },
  };
};
