/** Replicas contend for a lease in virtual time, each with a clock of its own, through a network that delays, loses and fails. */
import { describe, expect, test } from "vitest";
import { contendForLease, type Lease } from "../../forwarder/lease.ts";
import { seededRandom } from "../../local/environment/random.ts";
import { createSimulatedClock, type SimulatedClock } from "../simulation/clock.ts";
import { createLeaseServer } from "./lease-server.ts";

const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

interface Faults {
  /** How long a request takes to the server, and its answer back. */
  delayMs(): number;
  fails(): boolean;
}
const NO_FAULTS: Faults = { delayMs: () => 20, fails: () => false };

interface Contender {
  readonly lease: Lease;
  readonly name: string;
  /** What the lease reported to its owner, in order. */
  readonly reported: string[];
  /** The process stands still, or its host is gone: none of its timers and answers come. */
  freeze(): void;
  /** Its requests and their answers wait, while its timers run. */
  cut(): void;
  /** Ends both. */
  free(): void;
}

interface Clock {
  /** What its clock shows too much. */
  readonly aheadMs?: number;
  /** How fast it runs. */
  readonly rate?: number;
}

const createStage = (faults: Faults = NO_FAULTS) => {
  const timeline = createSimulatedClock(0);
  const server = createLeaseServer();
  const contend = (name: string, { aheadMs = 0, rate = 1 }: Clock = {}): Contender => {
    const reported: string[] = [];
    const gate = createGate();
    const network = createGate();
    const call = async <T>(signal: AbortSignal, perform: () => T): Promise<T> => {
      await timeline.sleep(faults.delayMs());
      await network.open();
      if (faults.fails()) throw new Error("503");
      const answer = perform();
      await timeline.sleep(faults.delayMs());
      await network.open();
      await gate.open();
      signal.throwIfAborted();
      if (faults.fails()) throw new Error("socket hang up");
      return answer;
    };
    const lease = contendForLease({
      api: {
        read: (signal) => call(signal, server.read),
        replace: (object, signal) => call(signal, () => server.replace(object)),
      },
      clock: {
        now: () => aheadMs + timeline.now() * rate,
        after: (delayMs, run) =>
          timeline.after(delayMs / rate, () => {
            timeline.resume();
            gate.then(run);
          }),
      },
      random: () => 0.5,
      log: QUIET,
      identity: name,
      onAcquired: () => reported.push("acquired"),
      onLost: () => reported.push("lost"),
    });
    const free = () => {
      network.thaw();
      gate.thaw();
    };
    return { lease, name, reported, freeze: gate.freeze, cut: network.freeze, free };
  };
  return { timeline, server, contend };
};

/** Holds everything back while it is frozen. */
const createGate = () => {
  let waiting: (() => void)[] | undefined;
  const then = (run: () => void) => void (waiting ? waiting.push(run) : run());
  return {
    then,
    open: () => new Promise<void>((resolve) => then(resolve)),
    freeze: () => {
      waiting ??= [];
    },
    thaw: () => {
      const released = waiting ?? [];
      waiting = undefined;
      for (const run of released) run();
    },
  };
};

const holders = (contenders: readonly Contender[]): string[] =>
  contenders.filter(({ lease }) => lease.isHeld()).map(({ name }) => name);

/** Looks at every step of the timeline, and returns how long it took until `isDone`. */
const watch = async (
  timeline: SimulatedClock,
  contenders: readonly Contender[],
  ms: number,
  isDone = () => false,
): Promise<number> => {
  const startedAt = timeline.now();
  await timeline.runUntil(startedAt + ms, () => {
    const found = holders(contenders);
    if (found.length > 1) throw new Error(`at ${timeline.now()} ms ${found.join(" and ")} hold the lease`);
    return isDone();
  });
  return timeline.now() - startedAt;
};

describe("a lease", () => {
  test("that nobody holds is taken by one replica at once, and kept", async () => {
    const { timeline, contend } = createStage();
    const replicas = ["a", "b", "c"].map((name) => contend(name));
    expect(await watch(timeline, replicas, 60_000, () => holders(replicas).length === 1)).toBeLessThan(1_000);
    const [first] = holders(replicas);
    await watch(timeline, replicas, 600_000);
    expect(holders(replicas)).toEqual([first]);
    expect(replicas.flatMap(({ reported }) => reported)).toEqual(["acquired"]);
  });

  test("whose holder dies is followed within 20 s", async () => {
    const { timeline, contend } = createStage();
    const first = contend("first");
    await watch(timeline, [first], 30_000);
    const second = contend("second");
    await watch(timeline, [first, second], 30_000);
    first.freeze();
    const afterMs = await watch(timeline, [first, second], 60_000, second.lease.isHeld);
    expect([first.lease.isHeld(), second.lease.isHeld()]).toEqual([false, true]);
    expect(afterMs).toBeGreaterThan(12_000);
    expect(afterMs).toBeLessThan(20_000);
  });

  test("is not held by a process that stood still, even before its timers run", async () => {
    const { timeline, contend } = createStage();
    const first = contend("first");
    const second = contend("second");
    await watch(timeline, [first, second], 10_000);
    const [holder, other] = first.lease.isHeld() ? [first, second] : [second, first];
    holder.freeze();
    await watch(timeline, [first, second], 40_000);
    expect(other.lease.isHeld()).toBe(true);
    expect(holder.lease.isHeld()).toBe(false);
    holder.free();
    await watch(timeline, [first, second], 60_000);
    expect(holders([first, second])).toEqual([other.name]);
    expect(holder.reported).toEqual(["acquired", "lost"]);
  });

  test("that is given back is followed at the next look", async () => {
    const { timeline, server, contend } = createStage();
    const first = contend("first");
    await watch(timeline, [first], 5_000);
    const second = contend("second");
    await watch(timeline, [first, second], 5_000);
    const stopped = first.lease.stop();
    expect(first.lease.isHeld()).toBe(false);
    expect(first.reported).toEqual(["acquired", "lost"]);
    expect(await watch(timeline, [first, second], 60_000, second.lease.isHeld)).toBeLessThan(3_000);
    await stopped;
    expect(server.holder()).toBe("second");
  });

  test("ends by what each replica has seen, whatever its clock shows", async () => {
    const { timeline, contend } = createStage();
    const holder = contend("holder", { aheadMs: -86_400_000 });
    await watch(timeline, [holder], 5_000);
    const others = [contend("ahead", { aheadMs: 86_400_000 }), contend("fast", { rate: 1.2 })];
    await watch(timeline, [holder, ...others], 600_000);
    expect(holders([holder, ...others])).toEqual(["holder"]);
    expect(others.flatMap(({ reported }) => reported)).toEqual([]);
  });

  test("survives a request that fails, and is lost if the API server is gone for longer", async () => {
    let isDown = false;
    const { timeline, contend } = createStage({ delayMs: () => 20, fails: () => isDown });
    const only = contend("only");
    await watch(timeline, [only], 10_000);
    isDown = true;
    await watch(timeline, [only], 3_000);
    isDown = false;
    await watch(timeline, [only], 10_000);
    expect(only.reported).toEqual(["acquired"]);
    isDown = true;
    await watch(timeline, [only], 10_000);
    expect(only.reported).toEqual(["acquired", "lost"]);
    isDown = false;
    await watch(timeline, [only], 20_000);
    expect(only.reported).toEqual(["acquired", "lost", "acquired"]);
  });
});

const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);

test.each(SEEDS)(
  "no two replicas hold it at once, whatever the network does and whoever stands still (seed %i)",
  async (seed) => {
    const random = seededRandom(seed);
    let isStorm = true;
    const { timeline, contend } = createStage({
      delayMs: () => (isStorm && random() < 0.03 ? random() * 20_000 : random() * 200),
      fails: () => isStorm && random() < 0.05,
    });
    const replicas = ["a", "b", "c"].map((name) =>
      contend(name, { aheadMs: (random() - 0.5) * 1e7, rate: 0.9 + random() * 0.2 }),
    );
    for (let round = 0; round < 40; round += 1) {
      const replica = replicas[Math.floor(random() * replicas.length)];
      if (random() < 0.5) replica?.freeze();
      else replica?.cut();
      await watch(timeline, replicas, random() * 30_000);
      replica?.free();
      await watch(timeline, replicas, random() * 10_000);
    }
    isStorm = false;
    await watch(timeline, replicas, 60_000, () => holders(replicas).length === 1);
    await watch(timeline, replicas, 60_000);
    expect(holders(replicas)).toHaveLength(1);
    for (const { reported, lease } of replicas) {
      expect(reported).toEqual(reported.map((_, index) => (index % 2 === 0 ? "acquired" : "lost")));
      expect(reported.at(-1) === "acquired").toBe(lease.isHeld());
    }
  },
);
