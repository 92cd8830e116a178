/** The simulation's one event loop: timers in virtual time, each followed by everything that it sets in motion. */
import type { Cancel, Clock } from "../../local/clock.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

export interface SimulatedClock extends Clock {
  /** Call this from a timer that lets asynchronous code go on: the next timer waits until that code waits again. */
  resume(): void;
  /** Runs all timers up to the time, one after another, unless `isOver` says after one of them that it is over. */
  runUntil(time: number, isOver: () => boolean): Promise<void>;
  /** How many timers have run. */
  steps(): number;
}

const isBefore = (one: Timer, other: Timer): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/** A binary heap: the earliest timer first; of those at the same time the one that was set first. */
const createHeap = () => {
  const heap: Timer[] = [];
  const swap = (one: number, other: number) => {
    const [first, second] = [heap[one], heap[other]];
    if (first && second) [heap[one], heap[other]] = [second, first];
  };
  const isEarlier = (one: number, other: number): boolean => {
    const [first, second] = [heap[one], heap[other]];
    return first !== undefined && second !== undefined && isBefore(first, second);
  };
  const sink = (from: number) => {
    for (let index = from; ; ) {
      let earliest = index;
      for (const child of [2 * index + 1, 2 * index + 2]) if (isEarlier(child, earliest)) earliest = child;
      if (earliest === index) return;
      swap(index, earliest);
      index = earliest;
    }
  };
  return {
    peek: () => heap[0],
    push: (timer: Timer) => {
      heap.push(timer);
      for (let index = heap.length - 1; index > 0; ) {
        const parent = (index - 1) >> 1;
        if (!isEarlier(index, parent)) return;
        swap(index, parent);
        index = parent;
      }
    },
    pop: () => {
      const [first] = heap;
      const last = heap.pop();
      if (last && last !== first) {
        heap[0] = last;
        sink(0);
      }
      return first;
    },
  };
};

/** Once the event loop turns, all promises that could be settled are settled. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export const createSimulatedClock = (startAt: number): SimulatedClock => {
  const timers = createHeap();
  let now = startAt;
  let order = 0;
  let steps = 0;
  let isResumed = false;

  const after = (delayMs: number, run: () => void): Cancel => {
    order += 1;
    const timer: Timer = { at: now + Math.max(0, delayMs), order, run };
    timers.push(timer);
    return () => {
      timer.run = undefined;
    };
  };
  const resume = () => {
    isResumed = true;
  };

  return {
    now: () => now,
    after,
    resume,
    steps: () => steps,
    sleep: (delayMs) =>
      new Promise((resolve) => {
        after(delayMs, () => {
          resume();
          resolve();
        });
      }),
    hold: () => () => {},
    busy: (work) => {
      resume();
      return work();
    },
    runUntil: async (time, isOver) => {
      await turn();
      for (let next = timers.peek(); next && next.at <= time; next = timers.peek()) {
        timers.pop();
        if (!next.run) continue;
        now = next.at;
        steps += 1;
        next.run();
        if (isResumed) await turn();
        isResumed = false;
        if (isOver()) return;
      }
      now = time;
    },
  };
};
