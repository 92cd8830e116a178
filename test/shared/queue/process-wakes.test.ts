import { describe, expect, it } from "vitest";
import { LEASE_MS } from "../../../shared/model/limits.ts";
import { processWakes, type WakePorts } from "../../../shared/queue/process-wakes.ts";
import type { Reconcile } from "../../../shared/queue/types.ts";
import { anEvent, countingTelemetry, inMemoryTable, inMemoryWakeQueue } from "./in-memory.ts";

const setup = () => {
  const time = { now: 1_000_000 };
  const ports = {
    kind: "pool",
    clusters: ["c"],
    table: inMemoryTable(),
    wakeQueue: inMemoryWakeQueue(),
    telemetry: countingTelemetry(),
    now: () => time.now,
    remainingMs: () => 60_000,
    owner: "test",
  } satisfies WakePorts;
  const reconciled: string[] = [];
  const succeeding: Reconcile = async ({ key }) => {
    reconciled.push(key);
    return {};
  };
  const wake = (bodies: readonly unknown[], reconcile: Reconcile = succeeding, receives = 1) =>
    processWakes(anEvent(bodies, receives), ports, reconcile);
  return { time, ports, reconciled, succeeding, wake };
};

const item = ({ ports }: ReturnType<typeof setup>, key = "c/p") => ports.table.read({ kind: "pool", key });

describe("wakes", () => {
  it("for one key in a batch cause one reconcile", async () => {
    const { wake, reconciled } = setup();
    expect(await wake([{ key: "c/p" }, { key: "c/p" }, { key: "c/q" }])).toEqual({ batchItemFailures: [] });
    expect(reconciled.toSorted()).toEqual(["c/p", "c/q"]);
  });

  it.each(["not json", "{}", '{"key":7}', '{"key":"no-slash"}', '{"key":"c/../x/y"}', "null", '{"key":"other/p"}'])(
    "that are unreadable are counted and acknowledged: %s",
    async (body) => {
      const { wake, reconciled, ports } = setup();
      expect(await wake([body, { key: "c/p" }])).toEqual({ batchItemFailures: [] });
      expect(reconciled).toEqual(["c/p"]);
      expect(ports.telemetry.counts.unreadableMessages).toBe(1);
    },
  );

  it("that arrive during a reconcile cause one more reconcile", async () => {
    const test = setup();
    let reconciles = 0;
    await test.wake([{ key: "c/p" }], async () => {
      reconciles += 1;
      if (reconciles === 1) await test.wake([{ key: "c/p" }]);
      return {};
    });
    expect(reconciles).toBe(2);
    expect(test.reconciled).toEqual([]);
    expect(await item(test)).toMatchObject({ dirtySeq: 2, doneSeq: 2 });
  });

  it("for a key that another worker holds stay in the queue until the lease expires", async () => {
    const test = setup();
    await test.ports.table.acquire({ kind: "pool", key: "c/p" }, "other", test.time.now, LEASE_MS);
    expect(await test.wake([{ key: "c/p" }])).toEqual({ batchItemFailures: [{ itemIdentifier: "m0" }] });
    expect(test.ports.wakeQueue.hideDelays).toEqual([LEASE_MS]);
    test.time.now += LEASE_MS;
    await test.wake([{ key: "c/p" }], test.succeeding, 2);
    expect(test.reconciled).toEqual(["c/p"]);
  });

  it("for a held key are sent again before they reach the maximum receive count", async () => {
    const test = setup();
    await test.ports.table.acquire({ kind: "pool", key: "c/p" }, "other", test.time.now, LEASE_MS);
    expect(await test.wake([{ key: "c/p" }], test.succeeding, 15)).toEqual({ batchItemFailures: [] });
    expect(test.ports.wakeQueue.delays).toEqual([LEASE_MS]);
  });

  it("return to the queue when the table cannot be reached", async () => {
    const test = setup();
    const ports = {
      ...test.ports,
      table: inMemoryTable(async () => {
        throw new Error("no table");
      }),
    };
    const response = await processWakes(anEvent([{ key: "c/p" }]), ports, test.succeeding);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "m0" }] });
  });
});

describe("a key whose object is gone", () => {
  it("leaves no item and no timer, also if it is woken once more", async () => {
    const test = setup();
    await test.wake([{ key: "c/p" }], async () => ({ requeueAt: test.time.now + 60_000 }));
    const [timer] = test.ports.wakeQueue.enqueued.splice(0);
    for (const message of [{ key: "c/p" }, { key: "c/p" }, timer]) {
      expect(await test.wake([message], async () => ({ isGone: true }))).toEqual({ batchItemFailures: [] });
      expect(await item(test)).toBeUndefined();
    }
    expect(test.ports.wakeQueue.enqueued).toEqual([]);
  });

  it("is reconciled again if it was created anew meanwhile", async () => {
    const test = setup();
    let reconciles = 0;
    await test.wake([{ key: "c/p" }], async () => {
      reconciles += 1;
      if (reconciles === 1) await test.wake([{ key: "c/p" }]);
      return { isGone: reconciles === 1 };
    });
    expect(reconciles).toBe(2);
    expect(await item(test)).toMatchObject({ dirtySeq: 2, doneSeq: 2 });
  });
});

describe("a failed reconcile", () => {
  const failing: Reconcile = async () => {
    throw new Error("EC2 is unavailable");
  };

  it("is retried with growing delays and does not affect other keys", async () => {
    const test = setup();
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await test.wake([{ key: "c/p" }, { key: "c/q" }], (lease) =>
        lease.key === "c/p" ? failing(lease) : test.succeeding(lease),
      );
      delays.push((test.ports.wakeQueue.enqueued.at(-1)?.at ?? 0) - test.time.now);
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(test.reconciled).toHaveLength(4);
    expect(test.ports.telemetry.counts.reconcileErrors).toBe(4);
    expect(await item(test)).toMatchObject({ doneSeq: 0, failures: 4 });
  });

  it("no longer counts after a successful one", async () => {
    const test = setup();
    await test.wake([{ key: "c/p" }], failing);
    await test.wake([{ key: "c/p" }]);
    expect(await item(test)).toMatchObject({ failures: 0, dirtySeq: 2, doneSeq: 2 });
  });

  it("that ran out of time is not counted as a failure", async () => {
    const test = setup();
    const ports = { ...test.ports, remainingMs: () => 4_000 };
    await processWakes(anEvent([{ key: "c/p" }]), ports, async (lease) => {
      lease.assertHeld();
      return {};
    });
    expect(await item(test)).toMatchObject({ failures: 0, doneSeq: 0, nextWakeAt: test.time.now + 1_000 });
  });
});

describe("a timer", () => {
  const requeueAt =
    (at: number): Reconcile =>
    async () => ({ requeueAt: at });

  it("is set for the time that the reconciler requests", async () => {
    const test = setup();
    const at = test.time.now + 30_000;
    await test.wake([{ key: "c/p" }], requeueAt(at));
    expect(test.ports.wakeQueue.enqueued).toEqual([{ key: "c/p", at }]);
    expect(await item(test)).toMatchObject({ nextWakeAt: at });
  });

  it("wakes the key when it is due", async () => {
    const test = setup();
    const at = test.time.now + 30_000;
    await test.wake([{ key: "c/p" }], requeueAt(at));
    test.time.now = at;
    await test.wake([{ key: "c/p", at }]);
    expect(test.reconciled).toEqual(["c/p"]);
  });

  it("that arrives early, or after the key was reconciled, does nothing", async () => {
    const test = setup();
    const at = test.time.now + 30_000;
    await test.wake([{ key: "c/p" }], requeueAt(at));
    await test.wake([{ key: "c/p", at }]);
    expect(test.reconciled).toEqual([]);
    test.time.now = at;
    await test.wake([{ key: "c/p" }]);
    await test.wake([{ key: "c/p", at }]);
    expect(test.reconciled).toHaveLength(1);
  });

  it("is not set again while an earlier one is pending", async () => {
    const test = setup();
    const at = test.time.now + 30_000;
    await test.wake([{ key: "c/p" }], requeueAt(at));
    await test.wake([{ key: "c/p" }], requeueAt(at + 60_000));
    await test.wake([{ key: "c/p" }]);
    expect(test.ports.wakeQueue.enqueued).toEqual([{ key: "c/p", at }]);
    expect(await item(test)).toMatchObject({ nextWakeAt: at });
  });

  it("is replaced when the reconciler requests an earlier time", async () => {
    const test = setup();
    await test.wake([{ key: "c/p" }], requeueAt(test.time.now + 30_000));
    await test.wake([{ key: "c/p" }], requeueAt(test.time.now + 5_000));
    expect(await item(test)).toMatchObject({ nextWakeAt: test.time.now + 5_000 });
    test.time.now += 5_000;
    await test.wake([{ key: "c/p", at: test.time.now }]);
    expect(test.reconciled).toEqual(["c/p"]);
  });

  it("is rate limited, and this is counted, after a key has requeued itself every second for minutes", async () => {
    const test = setup();
    for (let count = 1; count <= 125; count += 1) {
      const at = (await item(test))?.nextWakeAt;
      await test.wake([{ key: "c/p", at }], requeueAt(0));
      test.time.now = (await item(test))?.nextWakeAt ?? 0;
    }
    expect(test.ports.telemetry.counts.wakesRefused).toBe(5);
    expect(test.time.now).toBe(1_000_000 + 120 * 1_000 + 5 * 10_000);
  });

  it("never wakes a key more than once a second", async () => {
    const test = setup();
    await test.wake([{ key: "c/p" }], requeueAt(0));
    expect(test.ports.wakeQueue.enqueued).toEqual([{ key: "c/p", at: test.time.now + 1_000 }]);
  });
});
