/** The pod groups with pods that are not placed yet. */
import type { PodGroup } from "../pod-groups.ts";
import type { Ordering, Orders } from "./order.ts";
import type { UndoLog } from "./undo-log.ts";

/**
 * Lists that shrink as pods are placed, so that no list is searched again for the groups that are left. Only for as long as nothing is rolled back to
 * before a call, except what was tried since.
 */
export interface OpenGroups {
  all(): readonly PodGroup[];
  inOrder(ordering: Ordering): readonly PodGroup[];
}

export const createOpenGroups = (groups: readonly PodGroup[], orders: Orders, undoLog: UndoLog): OpenGroups => {
  const shrunk = new Map<readonly PodGroup[], readonly PodGroup[]>();
  const openOf = (list: readonly PodGroup[]): readonly PodGroup[] => {
    const open = (shrunk.get(list) ?? list).filter((group) => undoLog.remaining(group) > 0);
    shrunk.set(list, open);
    return open;
  };
  return { all: () => openOf(groups), inOrder: (ordering) => openOf(orders(ordering)) };
};
