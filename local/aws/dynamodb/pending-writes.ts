import type { WrittenItem } from "./written-items.ts";

interface Pending {
  readonly write: WrittenItem;
  readonly dueAt: number;
}

export interface PendingWrites {
  /** Adds the latest write of its item. */
  add(write: WrittenItem, now: number, dueAt: number): void;
  /** Removes what is due and returns the last write of each item. A write that its successor has overtaken is never returned. */
  takeDue(now: number): WrittenItem[];
}

const lastDue = (writes: readonly Pending[], now: number) => writes.findLastIndex(({ dueAt }) => dueAt <= now);

/** The writes that a copy does not show yet. */
export const createPendingWrites = (): PendingWrites => {
  /** In the order of both the writes and the times at which they are due. */
  const byItem = new Map<string, readonly Pending[]>();
  return {
    add: (write, now, dueAt) => {
      const item = JSON.stringify([write.tableName, write.key]);
      const earlier = (byItem.get(item) ?? []).filter((other) => other.dueAt < dueAt);
      byItem.set(item, [...earlier.slice(Math.max(0, lastDue(earlier, now))), { write, dueAt }]);
    },
    takeDue: (now) =>
      [...byItem].flatMap(([item, writes]) => {
        const last = lastDue(writes, now);
        const rest = writes.slice(last + 1);
        if (rest.length > 0) byItem.set(item, rest);
        else byItem.delete(item);
        return writes
          .slice(0, last + 1)
          .slice(-1)
          .map(({ write }) => write);
      }),
  };
};
