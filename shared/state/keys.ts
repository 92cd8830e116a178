import { objectKey, type PoolKey } from "../model/keys.ts";

/** The partition key of all items of a pool. */
export const partition = ({ cluster, pool }: PoolKey): string => `POOL#${objectKey(cluster, pool)}`;

/** The sort keys of a pool's items, or what they begin with, in their order. */
export const SORT_KEY = {
  launches: "LAUNCH#",
  launchRequest: "REQUEST",
  slots: "SLOT#",
  warmupFailures: "TROUBLE",
  zoneDemand: "ZONES",
};
