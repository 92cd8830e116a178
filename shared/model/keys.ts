/** Every key starts with its cluster. */
export const clusterOf = (key: string): string => key.split("/", 1)[0] ?? key;

export const poolKey = (key: string): PoolKey => {
  const slash = key.indexOf("/");
  return { cluster: key.slice(0, slash), pool: key.slice(slash + 1) };
};

export interface PoolKey {
  readonly cluster: string;
  readonly pool: string;
}
