import { describe, expect, it } from "vitest";
import type { Reconcile } from "../../../shared/queue/types.ts";
import { item, setup } from "./worker.ts";

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
    await test.wakeLater([{ key: "c/p" }], requeueAt(at + 60_000));
    await test.wakeLater([{ key: "c/p" }]);
    expect(test.ports.wakeQueue.enqueued).toEqual([{ key: "c/p", at }]);
    expect(await item(test)).toMatchObject({ nextWakeAt: at });
  });

  it("is replaced when the reconciler requests an earlier time", async () => {
    const test = setup();
    await test.wake([{ key: "c/p" }], requeueAt(test.time.now + 30_000));
    await test.wakeLater([{ key: "c/p" }], requeueAt(test.time.now + 6_000));
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
