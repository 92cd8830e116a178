import type { VirtualClock } from "../../clock.ts";
import type { Credentials } from "../gateway/credentials.ts";
import { ACCOUNT_CONCURRENCY, createAdmission } from "./admission.ts";
import { type AsyncConfig, createAsyncQueue } from "./async-queue.ts";
import type { Metric } from "./emf.ts";
import { type FunctionDefinition, functionArn } from "./environment.ts";
import { type KillPredicate, type RunningFunction, startFunction } from "./function.ts";
import { createFunctionOutput, type LogLine } from "./function-output.ts";
import { FunctionError } from "./thread.ts";

/** A finished invocation; times are in ms since the epoch, in the clock's time. */
export interface Invocation {
  readonly functionName: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly event: unknown;
  readonly error: string | undefined;
}

export interface Lambda {
  create(definition: FunctionDefinition): string;
  names(): readonly string[];
  roleOf(arn: string): string;
  /** RequestResponse: returns the handler's result. Throws `FunctionError` and `Throttled`. */
  invoke(arn: string, event: unknown): Promise<unknown>;
  /** Event: queues the event and returns at once; retries as often as Lambda does. */
  invokeLater(arn: string, event: unknown): void;
  configureAsync(arn: string, config: AsyncConfig): void;
  logs(functionName: string): readonly LogLine[];
  metrics(): readonly Metric[];
  /** The latest invocations, oldest first. */
  invocations(): readonly Invocation[];
  killWhen(functionName: string, predicate: KillPredicate): () => void;
  /** Refuses the function's invocations for a time, as when the account's quota is used up. */
  throttle(functionName: string, forMs: number): void;
  stop(): Promise<void>;
}

export interface LambdaOptions {
  readonly clock: VirtualClock;
  readonly credentials: Credentials;
  /** The endpoint for the functions' SDK clients. */
  readonly endpointUrl: () => string;
  /** See `FunctionOptions`; no time by default. */
  readonly coldStartMs?: () => number;
  /** The account's quota of concurrent invocations. */
  readonly accountConcurrency?: number;
}

const INVOCATIONS_KEPT = 20_000;

/** Formats a failed invocation for the function's log. */
const describeFailure = (error: unknown): string =>
  JSON.stringify({
    level: "ERROR",
    ...(error instanceof FunctionError ? error.failure : { errorMessage: `${error}` }),
  });

export const createLambda = (lambdaOptions: LambdaOptions): Lambda => {
  const { clock, credentials, endpointUrl, coldStartMs = () => 0 } = lambdaOptions;
  const admission = createAdmission(clock, lambdaOptions.accountConcurrency ?? ACCOUNT_CONCURRENCY);
  const functions = new Map<string, RunningFunction>();
  const output = createFunctionOutput(clock.now);
  const invocations: Invocation[] = [];
  let stopped = false;

  const byArn = (arn: string): RunningFunction => {
    const found = functions.get(arn);
    if (!found) throw new Error(`function ${arn} does not exist`);
    return found;
  };

  const invoke = async (arn: string, event: unknown): Promise<unknown> => {
    const running = byArn(arn);
    const functionName = running.definition.name;
    const leave = admission.enter(functionName);
    const startedAt = clock.now();
    const finish = (error: string | undefined) => {
      invocations.push({ functionName, startedAt, endedAt: clock.now(), event, error });
      if (invocations.length > INVOCATIONS_KEPT) invocations.splice(0, INVOCATIONS_KEPT / 10);
    };
    try {
      const result = await running.invoke(event);
      finish(undefined);
      return result;
    } catch (error) {
      finish(String(error));
      if (!stopped) output.write(functionName, `${describeFailure(error)}\n`);
      throw error;
    } finally {
      leave();
    }
  };
  const asyncQueue = createAsyncQueue(clock, invoke);

  return {
    create: (definition) => {
      const arn = functionArn(definition.name);
      if (functions.has(arn)) throw new Error(`function ${definition.name} already exists`);
      const onOutput = (text: string) => output.write(definition.name, text);
      const shared = clock.shared;
      const options = { definition, clock, shared, credentials, endpointUrl: endpointUrl(), onOutput, coldStartMs };
      const { name, reservedConcurrency } = definition;
      if (reservedConcurrency !== undefined) admission.reserve(name, reservedConcurrency);
      functions.set(arn, startFunction(options));
      return arn;
    },
    names: () => [...functions.values()].map(({ definition }) => definition.name),
    roleOf: (arn) => byArn(arn).definition.roleName,
    invoke,
    invokeLater: asyncQueue.add,
    configureAsync: asyncQueue.configure,
    logs: output.logs,
    metrics: output.metrics,
    invocations: () => invocations,
    killWhen: (functionName, predicate) => byArn(functionArn(functionName)).killWhen(predicate),
    throttle: admission.throttle,
    stop: async () => {
      stopped = true;
      asyncQueue.stop();
      await Promise.all([...functions.values()].map((running) => running.stop()));
    },
  };
};
