import { readFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClock, type VirtualClock } from "../../local/clock.ts";

const START = Date.UTC(2026, 10, 24);
const HOUR_MS = 3_600_000;

let clock: VirtualClock;

beforeEach(() => {
  clock = createClock(Number.POSITIVE_INFINITY, START);
});

afterEach(() => clock.stop());

/** Jumps of an hour while `work` is done, which holds no clock. */
const hoursPassedDuring = async (work: () => Promise<unknown>): Promise<number> => {
  let hours = 0;
  const cancel = clock.after(HOUR_MS, () => {
    hours += 1;
  });
  await work();
  cancel();
  return hours;
};

const echo = async (times: number): Promise<void> => {
  const server = createServer((socket) => socket.on("data", (data) => socket.write(data)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  for (let count = 0; count < times; count += 1) {
    socket.write("x");
    await new Promise((resolve) => socket.once("data", resolve));
  }
  socket.destroy();
  server.close();
};

describe("the clock in virtual time", () => {
  it("jumps from timer to timer, in their order", async () => {
    const order: string[] = [];
    clock.after(2 * HOUR_MS, () => order.push("second"));
    clock.after(HOUR_MS, () => order.push("first"));
    await clock.sleep(3 * HOUR_MS);
    expect(order).toEqual(["first", "second"]);
    expect(clock.now() - START).toBeGreaterThanOrEqual(3 * HOUR_MS);
    expect(clock.now() - START).toBeLessThan(4 * HOUR_MS);
  });

  it("does not jump while it is held", async () => {
    const release = clock.hold();
    const hours = await hoursPassedDuring(() => new Promise((resolve) => void setTimeout(resolve, 20)));
    release();
    expect(hours).toBe(0);
  });

  it("does not jump over what is on its way to a socket of this process, or read from a file", async () => {
    expect(await hoursPassedDuring(() => echo(200))).toBe(0);
    expect(await hoursPassedDuring(() => readFile(import.meta.filename))).toBe(0);
  });

  it("does not jump past a chain of immediates", async () => {
    const aFew = async () => {
      for (let count = 0; count < 5; count += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    expect(await hoursPassedDuring(aFew)).toBe(0);
  });
});
