/** The functions: production code in processes that can end at any call, with caches that live as long as their process. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { Throttled } from "../../local/aws/gateway/throttled.ts";
import type { ReconcilerKind } from "../../shared/model/events.ts";
import { FUNCTION_TIMEOUT_MS } from "../../shared/model/limits.ts";
import { processWakes } from "../../shared/queue/process-wakes.ts";
import { onInstanceEvent } from "../../shared/reconcilers/on-instance-event.ts";
import { sweep } from "../../shared/reconcilers/sweep/sweep.ts";
import { findPool } from "../../shared/state/instance-index.ts";
import { TABLE } from "../shared/dynamo.ts";
import type { Bug } from "./bugs.ts";
import type { Process } from "./call.ts";
import { type Cloud, createEnvironment, type Environment, type FunctionName } from "./environment.ts";
import { CLUSTER } from "./kube.ts";
import type { Random } from "./random.ts";

export interface FunctionsOptions {
  readonly cloud: Cloud;
  readonly random: Random;
  /** Changes the ports of production code. */
  readonly bug?: Bug | undefined;
  newSkewMs(): number;
  /** Called for each message of a batch. */
  onMessage(kind: ReconcilerKind, record: SQSRecord): void;
  /** Called when a reconcile begins; `other` is the process that is at the same key already. */
  onReconcile(key: string, process: Process, other: Process | undefined): void;
}

export interface Functions {
  invoke(kind: ReconcilerKind, records: readonly SQSRecord[]): Promise<SQSBatchResponse>;
  invokeFunction(name: "ec2-events" | "sweep", event: unknown): void;
  /** How many reconciles of each kind have begun. */
  readonly reconciles: Readonly<Record<string, number>>;
  /** Ends the environments that are idle, so that the next invocations are cold starts. */
  endIdle(): void;
  /** No function is invoked until then. */
  pauseUntil(time: number): void;
}

export const createFunctions = ({
  cloud,
  random,
  bug,
  newSkewMs,
  onMessage,
  onReconcile,
}: FunctionsOptions): Functions => {
  const { clock, calls } = cloud;
  const idle = new Map<FunctionName, Environment[]>();
  const reconciles: Record<string, number> = {};
  /** By kind and key. */
  const active = new Map<string, Process>();
  let processes = 0;
  let ids = 0;
  let pausedUntil = 0;

  const start = (name: FunctionName): Environment => {
    processes += 1;
    const process = {
      name: `${name}#${processes}`,
      skewMs: newSkewMs(),
      isAlive: true,
      faults: 0,
      onEnd: new Set<() => void>(),
    };
    return createEnvironment(cloud, { name, process, bug }, () => {
      ids += 1;
      return `id-${ids}`;
    });
  };

  /** Runs in an idle environment or a new one. Rejects when the process ends or the function times out. */
  const run = <T>(
    name: FunctionName,
    handle: (environment: Environment, startedAt: number) => Promise<T>,
  ): Promise<T> => {
    if (clock.now() < pausedUntil)
      return Promise.reject(new Throttled(name, "ReservedFunctionConcurrentInvocationLimitExceeded"));
    const environment = idle.get(name)?.pop() ?? start(name);
    const { process } = environment;
    const cancelTimeout = clock.after(FUNCTION_TIMEOUT_MS, () => calls.end(process, "timed out"));
    return new Promise<T>((resolve, reject) => {
      const fail = () => {
        cancelTimeout();
        reject(new Error(`${process.name} ended`));
      };
      process.onEnd.add(fail);
      const release = () => {
        cancelTimeout();
        process.onEnd.delete(fail);
        idle.set(name, [...(idle.get(name) ?? []), environment]);
      };
      handle(environment, clock.now()).then(
        (result) => {
          release();
          resolve(result);
        },
        (error: unknown) => {
          release();
          reject(error);
        },
      );
    });
  };

  const handlers = {
    "ec2-events": ({ documents, wakeQueue, ports, process }: Environment, event: unknown) =>
      onInstanceEvent(
        { ...ports, wakeQueue, findPool: (instanceId) => findPool(documents, TABLE, instanceId) },
        event,
        clock.now() + process.skewMs,
      ),
    sweep: ({ ports, workTable, process }: Environment) =>
      sweep({ ...ports, ec2: () => ports.ec2, clusters: [CLUSTER], table: workTable }, clock.now() + process.skewMs),
  };

  return {
    reconciles,
    invoke: (kind, records) => {
      for (const record of records) onMessage(kind, record);
      return run(kind, ({ process, ports, workTable, wakeQueue, reconcile }, startedAt) => {
        const now = () => clock.now() + process.skewMs;
        const remainingMs = () => startedAt + FUNCTION_TIMEOUT_MS - clock.now();
        const { telemetry } = ports;
        const wakePorts = { kind, clusters: [CLUSTER], table: workTable, wakeQueue, telemetry, now, remainingMs };
        const event: SQSEvent = { Records: [...records] };
        const owner = `${process.name} ${random()}`;
        return processWakes(event, { ...wakePorts, owner }, async (lease) => {
          const key = `${kind} ${lease.key}`;
          reconciles[kind] = (reconciles[kind] ?? 0) + 1;
          const other = active.get(key);
          onReconcile(key, process, other?.isAlive ? other : undefined);
          active.set(key, process);
          try {
            return await reconcile(lease);
          } finally {
            active.delete(key);
          }
        });
      });
    },
    /** Lambda retries an asynchronous invocation that failed: twice, a minute and two minutes later. */
    invokeFunction: (name, event) => {
      const attempt = (left: number): void => {
        run(name, (environment) => handlers[name](environment, event)).catch(() => {
          if (left > 0) clock.after(60_000 * (3 - left), () => attempt(left - 1));
        });
      };
      clock.resume();
      attempt(2);
    },
    pauseUntil: (time) => {
      pausedUntil = time;
    },
    endIdle: () => {
      for (const environments of idle.values()) for (const { process } of environments) process.isAlive = false;
      idle.clear();
    },
  };
};
