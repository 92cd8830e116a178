export interface PoolKey {
  readonly cluster: string;
  readonly pool: string;
}

/** Under which the table holds all that it holds of a pool. */
export const partition = ({ cluster, pool }: PoolKey): string => `POOL#${cluster}/${pool}`;
