import { describe, expect, it } from "vitest";
import { LEASE_MS } from "../../../shared/queue/process-key.ts";
import { processWakes, type WakePorts } from "../../../shared/queue/process-wakes.ts";
import type { Reconcile } from "../../../shared/queue/types.ts";
import { anEvent, countingTelemetry, inMemoryDoorbell, inMemoryTable } from "./in-memory.ts";

const setup = () => {
  const time = { now: 1_000_000 };
  const ports = {
    kind: "pool",
    clusters: ["c"],
    table: inMemoryTable(),
    wakeQueue: inMemoryDoorbell(),
    telemetry: countingTelemetry(),
    now: () => time.now,
    remainingMs: () => 60_000,
    owner: "test",
  } satisfies WakePorts;
  const looked: string[] = [];
  const look: Reconcile = async ({ key }) => {
    looked.push(key);
    return {};
  };
  const wake = (bodies: readonly unknown[], reconcile: Reconcile = look, receives = 1) =>
    processWakes(anEvent(bodies, receives), ports, reconcile);
  return { time, ports, looked, look, wake };
};

const item = ({ ports }: ReturnType<typeof setup>, key = "c/p") => ports.table.read({ kind: "pool", key });

describe("wakes", () => {
  it("of one key in a batch make one look", async () => {
    const { wake, looked } = setup();
    expect(await wake([{ key: "c/p" }, { key: "c/p" }, { key: "c/q" }])).toEqual({ batchItemFailures: [] });
    expect(looked.toSorted()).toEqual(["c/p", "c/q"]);
  });

  it.each(["not json", "{}", '{"key":7}', '{"key":"no-slash"}', '{"key":"c/../x/y"}', "null", '{"key":"other/p"}'])(
    "that are garbage are counted and acknowledged: %s",
    async (body) => {
      const { wake, looked, ports } = setup();
      expect(await wake([body, { key: "c/p" }])).toEqual({ batchItemFailures: [] });
      expect(looked).toEqual(["c/p"]);
      expect(ports.telemetry.counts.unreadableMessages).toBe(1);
    },
  );

  it("that come while a key is looked at make it be looked at once more", async () => {
    const test = setup();
    const seen: number[] = [];
    await test.wake([{ key: "c/p" }], async () => {
      seen.push(seen.length);
      if (seen.length === 1) await test.wake([{ key: "c/p" }]);
      return {};
    });
    expect(seen).toHaveLength(2);
    expect(test.looked).toEqual([]);
    expect(await item(test)).toMatchObject({ dirtySeq: 2, doneSeq: 2 });
  });

  it("for a key that another works on stay in the queue until its lease is over", async () => {
    const test = setup();
    await test.ports.table.acquire({ kind: "pool", key: "c/p" }, "other", test.time.now, LEASE_MS);
    expect(await test.wake([{ key: "c/p" }])).toEqual({ batchItemFailures: [{ itemIdentifier: "m0" }] });
    expect(test.ports.wakeQueue.hidden).toEqual([LEASE_MS]);
    test.time.now += LEASE_MS;
    await test.wake([{ key: "c/p" }], test.look, 2);
    expect(test.looked).toEqual(["c/p"]);
  });

  it("are sent anew before they have been received too often", async () => {
    const test = setup();
    await test.ports.table.acquire({ kind: "pool", key: "c/p" }, "other", test.time.now, LEASE_MS);
    expect(await test.wake([{ key: "c/p" }], test.look, 15)).toEqual({ batchItemFailures: [] });
    expect(test.ports.wakeQueue.later).toEqual([LEASE_MS]);
  });

  it("return to the queue when the table cannot be reached", async () => {
    const test = setup();
    const ports = {
      ...test.ports,
      table: inMemoryTable(async () => {
        throw new Error("no table");
      }),
    };
    const response = await processWakes(anEvent([{ key: "c/p" }]), ports, test.look);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "m0" }] });
  });
});

describe("a failed look", () => {
  const failing: Reconcile = async () => {
    throw new Error("EC2 is away");
  };

  it("is tried again, later each time, and leaves other keys alone", async () => {
    const test = setup();
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await test.wake([{ key: "c/p" }, { key: "c/q" }], (lease) =>
        lease.key === "c/p" ? failing(lease) : test.look(lease),
      );
      delays.push((test.ports.wakeQueue.rung.at(-1)?.at ?? 0) - test.time.now);
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(test.looked).toHaveLength(4);
    expect(test.ports.telemetry.counts.reconcileErrors).toBe(4);
    expect(await item(test)).toMatchObject({ doneSeq: 0, failures: 4 });
  });

  it("is forgotten after a good one", async () => {
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
  const asking =
    (at: number): Reconcile =>
    async () => ({ requeueAt: at });

  it("is set for when the reconciler asked", async () => {
    const test = setup();
    const at = test.time.now + 30_000;
    await test.wake([{ key: "c/p" }], asking(at));
    expect(test.ports.wakeQueue.rung).toEqual([{ key: "c/p", at }]);
    expect(await item(test)).toMatchObject({ nextWakeAt: at });
  });

  it("wakes the key when it is due", async () => {
    const test = setup();
    const at = test.time.now + 30_000;
    await test.wake([{ key: "c/p" }], asking(at));
    test.time.now = at;
    await test.wake([{ key: "c/p", at }]);
    expect(test.looked).toEqual(["c/p"]);
  });

  it("that comes early or after the key has been looked at does nothing", async () => {
    const test = setup();
    const at = test.time.now + 30_000;
    await test.wake([{ key: "c/p" }], asking(at));
    await test.wake([{ key: "c/p", at }]);
    expect(test.looked).toEqual([]);
    test.time.now = at;
    await test.wake([{ key: "c/p" }]);
    await test.wake([{ key: "c/p", at }]);
    expect(test.looked).toHaveLength(1);
  });

  it("is not set again while an earlier one is to come", async () => {
    const test = setup();
    const at = test.time.now + 30_000;
    await test.wake([{ key: "c/p" }], asking(at));
    await test.wake([{ key: "c/p" }], asking(at + 60_000));
    await test.wake([{ key: "c/p" }]);
    expect(test.ports.wakeQueue.rung).toEqual([{ key: "c/p", at }]);
    expect(await item(test)).toMatchObject({ nextWakeAt: at });
  });

  it("that is wanted earlier is set for the earlier time", async () => {
    const test = setup();
    await test.wake([{ key: "c/p" }], asking(test.time.now + 30_000));
    await test.wake([{ key: "c/p" }], asking(test.time.now + 5_000));
    expect(await item(test)).toMatchObject({ nextWakeAt: test.time.now + 5_000 });
    test.time.now += 5_000;
    await test.wake([{ key: "c/p", at: test.time.now }]);
    expect(test.looked).toEqual(["c/p"]);
  });

  it("is set more slowly, and this is counted, once a key has woken itself each second for minutes", async () => {
    const test = setup();
    for (let looks = 1; looks <= 125; looks += 1) {
      const at = (await item(test))?.nextWakeAt;
      await test.wake([{ key: "c/p", at }], asking(0));
      test.time.now = (await item(test))?.nextWakeAt ?? 0;
    }
    expect(test.ports.telemetry.counts.wakesRefused).toBe(5);
    expect(test.time.now).toBe(1_000_000 + 120 * 1_000 + 5 * 10_000);
  });

  it("never wakes a key more than once a second", async () => {
    const test = setup();
    await test.wake([{ key: "c/p" }], asking(0));
    expect(test.ports.wakeQueue.rung).toEqual([{ key: "c/p", at: test.time.now + 1_000 }]);
  });
});
