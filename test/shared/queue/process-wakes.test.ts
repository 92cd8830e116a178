import { describe, expect, it } from "vitest";
import { LEASE_MS } from "../../../shared/model/limits.ts";
import { processWakes } from "../../../shared/queue/process-wakes.ts";
import type { Reconcile } from "../../../shared/queue/types.ts";
import { anEvent, inMemoryTable } from "./in-memory.ts";
import { item, setup } from "./worker.ts";

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

  it("that arrive during a reconcile cause one more, a second after its end", async () => {
    const test = setup();
    let reconciles = 0;
    const reconcile: Reconcile = async () => {
      reconciles += 1;
      if (reconciles === 1) for (let wakes = 0; wakes < 3; wakes += 1) await test.wake([{ key: "c/p" }]);
      return {};
    };
    await test.wake([{ key: "c/p" }], reconcile);
    const at = test.time.now + 1_000;
    expect(reconciles).toBe(1);
    expect(test.ports.wakeQueue.enqueued).toEqual([{ key: "c/p", at }]);
    test.time.now = at;
    await test.wake([{ key: "c/p", at }], reconcile);
    expect(reconciles).toBe(2);
    expect(test.reconciled).toEqual([]);
    const { dirtySeq = 0, doneSeq } = (await item(test)) ?? {};
    expect(doneSeq).toBe(dirtySeq);
  });

  it("soon after a reconcile become one, a second after its end", async () => {
    const test = setup();
    await test.wake([{ key: "c/p" }]);
    for (let wakes = 0; wakes < 5; wakes += 1) {
      test.time.now += 100;
      expect(await test.wake([{ key: "c/p" }])).toEqual({ batchItemFailures: [] });
    }
    const at = 1_001_000;
    expect(test.ports.wakeQueue.enqueued).toEqual([{ key: "c/p", at }]);
    expect(test.reconciled).toEqual(["c/p"]);
    test.time.now = at;
    await test.wake([{ key: "c/p", at }]);
    await test.wake([{ key: "c/p", at }]);
    expect(test.reconciled).toEqual(["c/p", "c/p"]);
  });

  it("of a quiet key cost one read and two writes, and none when they are delivered again", async () => {
    const test = setup();
    const calls: string[] = [];
    const table = inMemoryTable(async (call) => void calls.push(call));
    const deliver = (receives: number) =>
      processWakes(anEvent([{ key: "c/p" }], { receives, sentAt: 7 }), { ...test.ports, table }, test.succeeding);
    await deliver(1);
    expect(calls).toEqual(["acquire", "release"]);
    test.time.now += LEASE_MS;
    expect(await deliver(2)).toEqual({ batchItemFailures: [] });
    expect(calls).toEqual(["acquire", "release"]);
    expect(test.reconciled).toEqual(["c/p"]);
  });

  it("that were sent before another wake was reconciled are answered; those that were sent after it are not", async () => {
    const test = setup();
    await test.wake([{ key: "c/p" }], test.succeeding, { sentAt: 500 });
    test.time.now += 60_000;
    await test.wake([{ key: "c/p" }], test.succeeding, { sentAt: 499 });
    expect(test.reconciled).toEqual(["c/p"]);
    await test.wake([{ key: "c/p" }], test.succeeding, { sentAt: 501 });
    expect(test.reconciled).toEqual(["c/p", "c/p"]);
  });

  it("for a key that another worker holds are its to answer, and a message that is delivered again stays", async () => {
    const test = setup();
    await test.ports.table.acquire({ kind: "pool", key: "c/p" }, "other", test.time.now, LEASE_MS);
    expect(await test.wake([{ key: "c/p" }])).toEqual({ batchItemFailures: [] });
    expect(await item(test)).toMatchObject({ dirtySeq: 2, seenSeq: 1 });
    // It may be the message of the worker, which may have crashed.
    const stays = { batchItemFailures: [{ itemIdentifier: "m0" }] };
    expect(await test.wake([{ key: "c/p" }], test.succeeding, { receives: 2 })).toEqual(stays);
    test.time.now += LEASE_MS;
    await test.wake([{ key: "c/p" }], test.succeeding, { receives: 3 });
    expect(test.reconciled).toEqual(["c/p"]);
  });

  it("of many keys run three at a time", async () => {
    const test = setup();
    let running = 0;
    let most = 0;
    await test.wake(
      Array.from({ length: 10 }, (_, index) => ({ key: `c/p${index}` })),
      async ({ key }) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        test.reconciled.push(key);
        return {};
      },
    );
    expect(test.reconciled).toHaveLength(10);
    expect(most).toBe(3);
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
      expect(await test.wakeLater([message], async () => ({ isGone: true }))).toEqual({ batchItemFailures: [] });
      expect(await item(test)).toBeUndefined();
    }
    expect(test.ports.wakeQueue.enqueued).toEqual([]);
  });

  it("is reconciled again if it was created anew meanwhile", async () => {
    const test = setup();
    await test.wake([{ key: "c/p" }], async () => {
      await test.wake([{ key: "c/p" }]);
      return { isGone: true };
    });
    const at = test.time.now + 1_000;
    expect(test.ports.wakeQueue.enqueued).toEqual([{ key: "c/p", at }]);
    await test.wakeLater([{ key: "c/p", at }]);
    expect(test.reconciled).toEqual(["c/p"]);
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
      await test.wakeLater([{ key: "c/p" }, { key: "c/q" }], (lease) =>
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
    await test.wakeLater([{ key: "c/p" }]);
    expect(await item(test)).toMatchObject({ failures: 0, dirtySeq: 2, doneSeq: 2 });
  });

  it("is retried at once by an event, but not within a second", async () => {
    const test = setup();
    for (let attempt = 1; attempt <= 5; attempt += 1) await test.wakeLater([{ key: "c/p" }], failing);
    expect((await item(test))?.nextWakeAt).toBe(test.time.now + 16_000);
    const soon = test.time.now + 1_000;
    await test.wake([{ key: "c/p" }]);
    expect(test.ports.wakeQueue.enqueued.at(-1)).toEqual({ key: "c/p", at: soon });
    await test.wakeLater([{ key: "c/p", at: soon }]);
    expect(test.reconciled).toEqual(["c/p"]);
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
