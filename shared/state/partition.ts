import type { PoolKey } from "../model/keys.ts";

/** Under which the table holds all that it holds of a pool. */
export const partition = ({ cluster, pool }: PoolKey): string => `POOL#${cluster}/${pool}`;
