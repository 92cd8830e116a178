import type { ForwarderClock } from "./clock.ts";
import type { WakeEvent } from "./wake-events.ts";

export interface OutboxItem {
  readonly event: WakeEvent;
  /** When it was first offered, in ms since the epoch. */
  readonly since: number;
}

/** Hints that wait to be sent, at most one for each key. */
export interface Outbox {
  /** Makes the hint ready at once, or at the end of the window if one with its key was taken within it. */
  offer(event: WakeEvent): void;
  /** Takes out the oldest. */
  take(atMost: number): OutboxItem[];
  /** Puts back what could not be sent. */
  giveBack(items: readonly OutboxItem[]): void;
  isEmpty(): boolean;
  stop(): void;
}

export interface OutboxOptions {
  readonly clock: ForwarderClock;
  onReady(): void;
  onOverflow(): void;
}

/** A burst of changes becomes two events: the first at once, the rest together. */
const WINDOW_MS = 100;
/** Keys, not events: only as many unlabelled nodes at once reach it, and the sweep finds what is dropped. */
const MOST_READY = 10_000;

export const createOutbox = ({ clock, onReady, onOverflow }: OutboxOptions): Outbox => {
  const ready = new Map<string, OutboxItem>();
  /** Keys taken within the window, with what was offered since. */
  const resting = new Map<string, { follower: OutboxItem | undefined; cancel: () => void }>();

  const add = (item: OutboxItem) => {
    if (ready.has(item.event.key)) return;
    const [oldest] = ready.keys();
    if (ready.size >= MOST_READY && oldest !== undefined) {
      ready.delete(oldest);
      onOverflow();
    }
    ready.set(item.event.key, item);
    onReady();
  };

  const rest = (key: string) => {
    resting.get(key)?.cancel();
    const cancel = clock.after(WINDOW_MS, () => {
      const follower = resting.get(key)?.follower;
      resting.delete(key);
      if (follower) add(follower);
    });
    resting.set(key, { follower: undefined, cancel });
  };

  return {
    offer: (event) => {
      const item = { event, since: clock.now() };
      const rested = resting.get(event.key);
      if (rested) rested.follower ??= item;
      else add(item);
    },
    take: (atMost) => {
      const items = [...ready.values()].slice(0, atMost);
      for (const { event } of items) {
        ready.delete(event.key);
        rest(event.key);
      }
      return items;
    },
    giveBack: (items) => {
      for (const item of items) if (!ready.has(item.event.key)) ready.set(item.event.key, item);
    },
    isEmpty: () => ready.size === 0,
    stop: () => {
      for (const { cancel } of resting.values()) cancel();
      ready.clear();
    },
  };
};
