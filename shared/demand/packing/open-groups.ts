/** The pod groups with pods that are not placed yet. */
import type { PodGroup } from "../pod-groups.ts";
import type { Ordering, Orders } from "./order.ts";
import type { UndoLog } from "./undo-log.ts";

/**
 * Lists that shrink as pods are placed, so that no list is searched again for the groups that are left. Each call must see at least the placements that
 * the calls before it saw: what is tried in between is rolled back.
 */
export interface OpenGroups {
  count(): number;
  /** The list is valid until the next call. */
  inOrder(ordering: Ordering): readonly PodGroup[];
}

export const createOpenGroups = (groups: readonly PodGroup[], orders: Orders, undoLog: UndoLog): OpenGroups => {
  const shrinking = new Map<readonly PodGroup[], PodGroup[]>();
  const shrink = (complete: readonly PodGroup[]): readonly PodGroup[] => {
    const list = shrinking.get(complete) ?? [...complete];
    shrinking.set(complete, list);
    let length = 0;
    // By index: `list` changes meanwhile, and an iterator would be the plan's largest part of garbage.
    for (let index = 0; index < list.length; index += 1) {
      const group = list[index];
      if (!group || undoLog.remaining(group) === 0) continue;
      list[length] = group;
      length += 1;
    }
    list.length = length;
    return list;
  };
  return { count: () => shrink(groups).length, inOrder: (ordering) => shrink(orders(ordering)) };
};
