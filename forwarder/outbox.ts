import type { ForwarderClock } from "./clock.ts";
import type { WakeEvent } from "./wake-events.ts";

export interface OutboxItem {
  readonly event: WakeEvent;
  /** When the event was first offered, in ms since the epoch. */
  readonly offeredAt: number;
}

/** Events waiting to be sent, at most one per key. */
export interface Outbox {
  /** Makes the event ready immediately, or at the end of the window if one with the same key was taken within it. */
  offer(event: WakeEvent): void;
  /** Removes and returns the oldest items. */
  take(maxCount: number): OutboxItem[];
  /** Puts back items that could not be sent. */
  giveBack(items: readonly OutboxItem[]): void;
  isEmpty(): boolean;
  stop(): void;
}

export interface OutboxOptions {
  readonly clock: ForwarderClock;
  onReady(): void;
  onOverflow(): void;
}

/** A burst of changes becomes two events: the first immediately, the rest merged into one. */
const WINDOW_MS = 100;
/** Counts keys, not events: only that many unlabelled nodes at once reach it, and the sweep finds dropped ones. */
const MAX_READY = 10_000;

export const createOutbox = ({ clock, onReady, onOverflow }: OutboxOptions): Outbox => {
  const ready = new Map<string, OutboxItem>();
  /** Keys taken within the window, each with the first event offered since. */
  const coolingDown = new Map<string, { next: OutboxItem | undefined; cancel: () => void }>();

  const add = (item: OutboxItem) => {
    if (ready.has(item.event.key)) return;
    const [oldest] = ready.keys();
    if (ready.size >= MAX_READY && oldest !== undefined) {
      ready.delete(oldest);
      onOverflow();
    }
    ready.set(item.event.key, item);
    onReady();
  };

  const coolDown = (key: string) => {
    coolingDown.get(key)?.cancel();
    const cancel = clock.after(WINDOW_MS, () => {
      const next = coolingDown.get(key)?.next;
      coolingDown.delete(key);
      if (next) add(next);
    });
    coolingDown.set(key, { next: undefined, cancel });
  };

  return {
    offer: (event) => {
      const item = { event, offeredAt: clock.now() };
      const cooling = coolingDown.get(event.key);
      if (cooling) cooling.next ??= item;
      else add(item);
    },
    take: (maxCount) => {
      const items = [...ready.values()].slice(0, maxCount);
      for (const { event } of items) {
        ready.delete(event.key);
        coolDown(event.key);
      }
      return items;
    },
    giveBack: (items) => {
      for (const item of items) if (!ready.has(item.event.key)) ready.set(item.event.key, item);
    },
    isEmpty: () => ready.size === 0,
    stop: () => {
      for (const { cancel } of coolingDown.values()) cancel();
      ready.clear();
    },
  };
};
