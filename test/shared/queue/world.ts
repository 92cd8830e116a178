/**
 * A simulated world for the work queue. The test decides what happens next: which worker takes its next step, which one crashes,
 * which call fails or loses its response, which message is delivered twice, how time advances.
 */
import type { SQSRecord } from "aws-lambda";
import { processWakes } from "../../../shared/queue/process-wakes.ts";
import type { KeyLease } from "../../../shared/queue/types.ts";
import type { WakeQueue } from "../../../shared/queue/wake-queue.ts";
import type { WorkTable } from "../../../shared/queue/work-table.ts";
import { overdueKeys } from "../../../shared/reconcilers/sweep/sweep.ts";
import { anEvent, countingTelemetry } from "./in-memory.ts";

export type CallResult = "succeeds" | "fails" | "loses its response";

interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  visibleAt: number;
  receives: number;
}

interface Step {
  readonly worker: Worker;
  resume(result: CallResult): void;
}

interface Worker {
  readonly startedAt: number;
  alive: boolean;
}

const KIND = "pool";
const FUNCTION_TIMEOUT_MS = 60_000;
const VISIBILITY_MS = 75_000;
const BATCH_SIZE = 3;

export interface World {
  now(): number;
  /** The key's state changes, and an event wakes the key. */
  change(key: string): void;
  /** Invokes a function with the visible messages; false if there are none. */
  deliver(): Promise<boolean>;
  /** Executes one of the waiting calls; false if there are none. */
  step(pick: number, result: CallResult): Promise<boolean>;
  /** Crashes a worker at its current call. */
  crash(pick: number): void;
  /** An event is delivered twice: the same wake in a message of its own. */
  duplicate(pick: number): void;
  /** A copy of a received message becomes visible early. Whoever deletes it deletes the message. */
  copy(pick: number): void;
  /** Loses a key's own timer. */
  loseTimer(pick: number): void;
  advance(ms: number): void;
  sweep(): Promise<void>;
  /** Keys that changed after their last complete reconcile. */
  unseen(): readonly string[];
  /** Violated invariants. */
  readonly violations: readonly string[];
  /** The key of each reconcile. */
  readonly reconciles: readonly string[];
}

export interface WorldOptions {
  /** Keys whose reconciles fail. */
  readonly failing?: readonly string[];
  /** The delay after which a key requeues itself; never, if absent. */
  readonly requeueAfterMs?: number;
  /** The objects of all keys are gone. */
  readonly isGone?: boolean;
}

export const createWorld = (
  table: WorkTable,
  { failing = [], requeueAfterMs, isGone = false }: WorldOptions = {},
): World => {
  let now = 1_000_000;
  let sent = 0;
  let calls = 0;
  let messages: Message[] = [];
  let steps: Step[] = [];
  let workers: Worker[] = [];
  const changed = new Map<string, number>();
  const seen = new Map<string, number>();
  const last = new Map<string, { readonly worker: Worker; readonly fence: number }>();
  const active = new Map<string, Worker>();
  const violations: string[] = [];
  const reconciles: string[] = [];

  const send = (body: unknown, delayMs = 0) => {
    sent += 1;
    // Time may stand still here, but a message is never received in the millisecond in which it was sent.
    const sentAt = now + sent / 1_000;
    messages.push({ id: `m${sent}`, body: JSON.stringify(body), sentAt, visibleAt: now + delayMs, receives: 0 });
  };

  const nextResult = (worker: Worker) => new Promise<CallResult>((resume) => void steps.push({ worker, resume }));

  /** Waits until the test steps it, then takes effect atomically; the worker may not get the response. */
  const call = async <T>(worker: Worker, effect: () => Promise<T>): Promise<T> => {
    const result = await nextResult(worker);
    if (result === "fails") throw new Error("the call failed");
    calls += 1;
    const response = await effect().finally(() => {
      calls -= 1;
    });
    if (result === "loses its response") throw new Error("the response was lost");
    return response;
  };

  const settled = async () => {
    do await new Promise((resolve) => setImmediate(resolve));
    while (calls > 0);
  };

  const tableOf = (worker: Worker): WorkTable => ({
    acquire: (...args) => call(worker, () => table.acquire(...args)),
    mark: (...args) => call(worker, () => table.mark(...args)),
    postpone: (...args) => call(worker, () => table.postpone(...args)),
    release: (...args) => call(worker, () => table.release(...args)),
    forget: (work, lease) =>
      call(worker, async () => {
        const outcome = await table.forget(work, lease);
        // The fences of its next item start anew.
        if (outcome === "done") last.delete(work.key);
        return outcome;
      }),
    abandon: (...args) => call(worker, () => table.abandon(...args)),
    read: (work) => call(worker, () => table.read(work)),
    list: (kind) => table.list(kind),
  });

  const wakeQueueOf = (worker: Worker): WakeQueue => ({
    enqueue: async () => {},
    enqueueAt: (_kind, key, at) =>
      call(worker, async () => {
        send({ key, at }, at - now);
        return true;
      }),
  });

  const enter = (worker: Worker, { key, fence }: KeyLease) => {
    const other = active.get(key);
    if (other?.alive && other !== worker) violations.push(`${key} has two workers`);
    const before = last.get(key);
    if (before && before.worker !== worker && fence <= before.fence) {
      violations.push(`the fence of ${key} did not increase`);
    }
    last.set(key, { worker, fence });
    active.set(key, worker);
    reconciles.push(key);
  };

  const reconcile = async (worker: Worker, lease: KeyLease) => {
    enter(worker, lease);
    const observed = changed.get(lease.key) ?? 0;
    await call(worker, async () => {});
    lease.assertHeld();
    await call(worker, async () => {});
    if (failing.includes(lease.key)) throw new Error("cannot be reconciled");
    seen.set(lease.key, Math.max(observed, seen.get(lease.key) ?? 0));
    if (isGone) return { isGone };
    return requeueAfterMs === undefined ? {} : { requeueAt: now + requeueAfterMs };
  };

  const leave = (worker: Worker) => {
    for (const [key, holder] of active) if (holder === worker) active.delete(key);
    workers = workers.filter((other) => other !== worker);
  };

  const kill = (worker: Worker) => {
    worker.alive = false;
    steps = steps.filter((step) => step.worker !== worker);
    leave(worker);
  };

  const invoke = async (worker: Worker, records: SQSRecord[]) => {
    const ports = {
      kind: KIND,
      clusters: ["c"],
      table: tableOf(worker),
      wakeQueue: wakeQueueOf(worker),
      telemetry: countingTelemetry(),
      now: () => now,
      remainingMs: () => worker.startedAt + FUNCTION_TIMEOUT_MS - now,
      owner: "function",
    } as const;
    const { batchItemFailures } = await processWakes({ Records: records }, ports, async (lease) => {
      try {
        return await reconcile(worker, lease);
      } finally {
        if (active.get(lease.key) === worker) active.delete(lease.key);
      }
    });
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const done = new Set(records.map(({ messageId }) => messageId).filter((id) => !failed.has(id)));
    messages = messages.filter(({ id }) => !done.has(id));
    leave(worker);
  };

  return {
    now: () => now,
    violations,
    reconciles,
    change: (key) => {
      changed.set(key, (changed.get(key) ?? 0) + 1);
      send({ key });
    },
    deliver: async () => {
      const batch = messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, BATCH_SIZE);
      if (batch.length === 0) return false;
      for (const message of batch) {
        message.visibleAt = now + VISIBILITY_MS;
        message.receives += 1;
        if (message.receives > 20) violations.push(`message ${message.body} goes to the dead-letter queue`);
      }
      const worker = { startedAt: now, alive: true };
      workers.push(worker);
      const { Records } = anEvent(batch.map(({ body }) => body));
      const records = Records.map((record, index) => {
        const { id = "", receives = 0, sentAt = 0 } = batch[index] ?? {};
        const counts = { ApproximateReceiveCount: String(receives), SentTimestamp: String(sentAt) };
        const attributes = { ...record.attributes, ...counts };
        return { ...record, messageId: id, receiptHandle: id, attributes };
      });
      void invoke(worker, records);
      await settled();
      return true;
    },
    step: async (pick, result) => {
      const [step] = steps.splice(pick % Math.max(1, steps.length), 1);
      step?.resume(result);
      await settled();
      return step !== undefined;
    },
    crash: (pick) => {
      const worker = workers[pick % Math.max(1, workers.length)];
      if (worker) kill(worker);
    },
    duplicate: (pick) => {
      const message = messages[pick % Math.max(1, messages.length)];
      if (message) send(JSON.parse(message.body));
    },
    copy: (pick) => {
      const received = messages.filter(({ receives }) => receives > 0);
      const message = received[pick % Math.max(1, received.length)];
      if (message) messages.push({ ...message, visibleAt: now });
    },
    loseTimer: (pick) => {
      const timers = messages.filter(({ body }) => JSON.parse(body).at !== undefined);
      const lost = timers[pick % Math.max(1, timers.length)];
      messages = messages.filter((message) => message !== lost);
    },
    advance: (ms) => {
      now += ms;
      for (const worker of [...workers]) if (now - worker.startedAt >= FUNCTION_TIMEOUT_MS) kill(worker);
    },
    sweep: async () => {
      for (const key of overdueKeys(await table.list(KIND), now)) send({ key });
    },
    unseen: () => [...changed].filter(([key, version]) => (seen.get(key) ?? 0) < version).map(([key]) => key),
  };
};
