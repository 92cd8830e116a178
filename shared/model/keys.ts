/** Keys of the work queue: a cluster, or a cluster and the name of one of its objects. */
import type { ReconcilerKind } from "./events.ts";

export interface PoolKey {
  readonly cluster: string;
  readonly pool: string;
}

/** `cluster/name`, the key of a pool or of a node class. */
export const objectKey = (cluster: string, name: string): string => `${cluster}/${name}`;

/** The parts of an object's key. An EKS cluster's name has no slash. */
export const parseObjectKey = (key: string): { readonly cluster: string; readonly name: string } => {
  const slash = key.indexOf("/");
  return { cluster: key.slice(0, slash), name: key.slice(slash + 1) };
};

export const parsePoolKey = (key: string): PoolKey => {
  const { cluster, name } = parseObjectKey(key);
  return { cluster, pool: name };
};

/** The table's partition of the work items of all keys of a kind. */
export const workPartition = (kind: ReconcilerKind): string => `WORK#${kind}`;

/** The table's partition of what concerns a cluster as a whole. */
export const clusterPartition = (cluster: string): string => `CLUSTER#${cluster}`;

/** The name of the table's index by EC2 instance id. */
export const INSTANCE_INDEX = "by-instance-id";

/** The cluster of any key. */
export const clusterOf = (key: string): string => key.split("/", 1)[0] ?? key;
