import { objectKey, type PoolKey } from "../model/keys.ts";

/** The partition key of all items of a pool. */
export const partition = ({ cluster, pool }: PoolKey): string => `POOL#${objectKey(cluster, pool)}`;
