/**
 * A world for the work queue in which whoever drives it decides what happens next: which worker takes its next step, which one
 * dies, which call fails or succeeds without an answer, what is delivered twice, how time passes.
 */
import type { SQSRecord } from "aws-lambda";
import { processWakes } from "../../../shared/queue/process-wakes.ts";
import type { KeyLease } from "../../../shared/queue/types.ts";
import type { WakeQueue } from "../../../shared/queue/wake-queue.ts";
import type { WorkTable } from "../../../shared/queue/work-table.ts";
import { overdueKeys } from "../../../shared/reconcilers/sweep/sweep.ts";
import { anEvent, countingTelemetry } from "./in-memory.ts";

export type Fate = "goes on" | "fails" | "goes unanswered";

interface Message {
  readonly id: string;
  readonly body: string;
  visibleAt: number;
  receives: number;
}

interface Step {
  readonly worker: Worker;
  resume(fate: Fate): void;
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
  /** Something happened to the key, and an event says so. */
  ring(key: string): void;
  /** A function is invoked with what is visible; false if nothing is. */
  deliver(): Promise<boolean>;
  /** One of the calls that wait to be made is made; false if none waits. */
  step(pick: number, fate: Fate): Promise<boolean>;
  /** A worker dies, wherever it is. */
  crash(pick: number): void;
  /** A message is delivered once more. */
  duplicate(pick: number): void;
  /** A wake that a key gave itself never arrives. */
  loseTimer(pick: number): void;
  pass(ms: number): void;
  sweep(): Promise<void>;
  /** Keys that changed after they were last looked at to the end. */
  unseen(): readonly string[];
  /** What must never be. */
  readonly broken: readonly string[];
  readonly looks: readonly string[];
}

export interface WorldOptions {
  /** Keys that cannot be reconciled. */
  readonly failing?: readonly string[];
  /** After how long a key wants to be looked at again without any event; never, if absent. */
  readonly lookAgainMs?: number;
}

export const createWorld = (table: WorkTable, { failing = [], lookAgainMs }: WorldOptions = {}): World => {
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
  const broken: string[] = [];
  const looks: string[] = [];

  const send = (body: unknown, delayMs = 0) => {
    sent += 1;
    messages.push({ id: `m${sent}`, body: JSON.stringify(body), visibleAt: now + delayMs, receives: 0 });
  };

  const parked = (worker: Worker) => new Promise<Fate>((resume) => void steps.push({ worker, resume }));

  /** Waits for its turn, then takes effect in one step; the worker may never hear of it. */
  const call = async <T>(worker: Worker, effect: () => Promise<T>): Promise<T> => {
    const fate = await parked(worker);
    if (fate === "fails") throw new Error("the call failed");
    calls += 1;
    const answer = await effect().finally(() => {
      calls -= 1;
    });
    if (fate === "goes unanswered") throw new Error("the answer was lost");
    return answer;
  };

  const settled = async () => {
    do await new Promise((resolve) => setImmediate(resolve));
    while (calls > 0);
  };

  const tableOf = (worker: Worker): WorkTable => ({
    markDirty: (work) => call(worker, () => table.markDirty(work)),
    acquire: (...args) => call(worker, () => table.acquire(...args)),
    release: (...args) => call(worker, () => table.release(...args)),
    abandon: (...args) => call(worker, () => table.abandon(...args)),
    read: (work) => call(worker, () => table.read(work)),
    list: (kind) => table.list(kind),
  });

  const doorbellOf = (worker: Worker): WakeQueue => ({
    enqueue: async () => {},
    enqueueAt: (_kind, key, at) =>
      call(worker, async () => {
        send({ key, at }, at - now);
        return true;
      }),
    enqueueAfter: (_kind, key, delayMs) => call(worker, async () => send({ key }, delayMs)),
    hide: (_kind, id, delayMs) =>
      call(worker, async () => {
        for (const message of messages) if (message.id === id) message.visibleAt = now + delayMs;
      }),
  });

  const enter = (worker: Worker, { key, fence }: KeyLease) => {
    const other = active.get(key);
    if (other?.alive && other !== worker) broken.push(`two workers at ${key}`);
    const before = last.get(key);
    if (before && before.worker !== worker && fence <= before.fence) broken.push(`the fence of ${key} did not rise`);
    last.set(key, { worker, fence });
    active.set(key, worker);
    looks.push(key);
  };

  const reconcile = async (worker: Worker, lease: KeyLease) => {
    enter(worker, lease);
    const observed = changed.get(lease.key) ?? 0;
    await call(worker, async () => {});
    lease.assertHeld();
    await call(worker, async () => {});
    if (failing.includes(lease.key)) throw new Error("cannot be reconciled");
    seen.set(lease.key, Math.max(observed, seen.get(lease.key) ?? 0));
    return lookAgainMs === undefined ? {} : { requeueAt: now + lookAgainMs };
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
      wakeQueue: doorbellOf(worker),
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
    broken,
    looks,
    ring: (key) => {
      changed.set(key, (changed.get(key) ?? 0) + 1);
      send({ key });
    },
    deliver: async () => {
      const batch = messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, BATCH_SIZE);
      if (batch.length === 0) return false;
      for (const message of batch) {
        message.visibleAt = now + VISIBILITY_MS;
        message.receives += 1;
        if (message.receives > 20) broken.push(`a message of ${message.body} goes to the dead letters`);
      }
      const worker = { startedAt: now, alive: true };
      workers.push(worker);
      const { Records } = anEvent(batch.map(({ body }) => body));
      const records = Records.map((record, index) => {
        const { id = "", receives = 0 } = batch[index] ?? {};
        const attributes = { ...record.attributes, ApproximateReceiveCount: String(receives) };
        return { ...record, messageId: id, receiptHandle: id, attributes };
      });
      void invoke(worker, records);
      await settled();
      return true;
    },
    step: async (pick, fate) => {
      const [step] = steps.splice(pick % Math.max(1, steps.length), 1);
      step?.resume(fate);
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
    loseTimer: (pick) => {
      const timers = messages.filter(({ body }) => JSON.parse(body).at !== undefined);
      const lost = timers[pick % Math.max(1, timers.length)];
      messages = messages.filter((message) => message !== lost);
    },
    pass: (ms) => {
      now += ms;
      for (const worker of [...workers]) if (now - worker.startedAt >= FUNCTION_TIMEOUT_MS) kill(worker);
    },
    sweep: async () => {
      for (const key of overdueKeys(await table.list(KIND), now)) send({ key });
    },
    unseen: () => [...changed].filter(([key, version]) => (seen.get(key) ?? 0) < version).map(([key]) => key),
  };
};
