/** What the sweep looks for: keys whose wake was lost. */
import type { WorkItem } from "./work-table.ts";

/** Time enough for a wake that is on its way. */
const GRACE_MS = 30_000;

const isOverdue = ({ leaseUntil, dirtySeq, doneSeq, nextWakeAt, failures }: WorkItem, now: number): boolean => {
  if (leaseUntil > now) return false;
  if (nextWakeAt !== undefined && nextWakeAt + GRACE_MS <= now) return true;
  // After a failure the key stays dirty and waits for the end of its backoff.
  return dirtySeq > doneSeq && (failures === 0 || nextWakeAt === undefined);
};

/** Keys that want a look and have none coming: dirty without a worker, or past the time they asked for. */
export const overdueKeys = (items: readonly WorkItem[], now: number): readonly string[] =>
  items.filter((item) => isOverdue(item, now)).map(({ key }) => key);
