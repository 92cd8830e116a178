import type { PoolSpec } from "../model/api/pool-spec.ts";
import { ANNOTATION } from "../model/names.ts";
import { diskUsedPercent } from "./disk-usage.ts";
import type { Instance } from "./view.ts";

/** Why an instance does not serve again once it is empty, worded to follow "because"; undefined if it may. */
export const retirement = ({ record, node }: Instance, { disruption }: PoolSpec): string | undefined => {
  if (node?.metadata.annotations?.[ANNOTATION.retire] !== undefined)
    return `its node is annotated ${ANNOTATION.retire}`;
  const { starts = 0 } = record;
  const { maxReuses, maxDiskPercent } = disruption;
  if (maxReuses !== undefined && starts >= maxReuses) return `it has served ${starts} times (disruption.maxReuses)`;
  // Another instance would have no more room than one that has never served.
  if (maxDiskPercent === undefined || starts === 0 || !node) return undefined;
  const percent = diskUsedPercent(node) ?? 0;
  return percent > maxDiskPercent ? `its disk is ${Math.floor(percent)} % full (disruption.maxDiskPercent)` : undefined;
};
