import { allInstances } from "../../pool/view.ts";
import type { PoolKey } from "../../state/pool-key.ts";
import type { Execution } from "./progress.ts";

export const keyOf = ({ view }: Execution): PoolKey => ({ cluster: view.cluster, pool: view.name });

/** Numbers of the slots that nothing is known to be in. */
export const freeSlots = ({ view, progress }: Execution): number[] => {
  const taken = new Set([...allInstances(view).map(({ record }) => record.slot), ...progress.records.keys()]);
  return Array.from({ length: view.spec.poolSize }, (_, index) => index + 1).filter((slot) => !taken.has(slot));
};
