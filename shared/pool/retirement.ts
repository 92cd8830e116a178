import type { PoolSpec } from "../model/api/pool-spec.ts";
import { ANNOTATION } from "../model/names.ts";
import type { Instance } from "./view.ts";

/** Why an instance does not serve again once it is empty, worded to follow "because"; undefined if it may. */
export const retirement = ({ record, node }: Instance, { disruption }: PoolSpec): string | undefined => {
  if (node?.metadata.annotations?.[ANNOTATION.retire] !== undefined)
    return `its node is annotated ${ANNOTATION.retire}`;
  const { starts = 0 } = record;
  const { maxReuses } = disruption;
  return maxReuses !== undefined && starts >= maxReuses
    ? `it has served ${starts} times (disruption.maxReuses)`
    : undefined;
};
