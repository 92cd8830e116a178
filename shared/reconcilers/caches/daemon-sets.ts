import { paths } from "../../kube/paths.ts";
import type { DaemonSet } from "../../model/kubernetes/objects.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { ttlCache } from "./ttl-cache.ts";

/** DaemonSets change with a cluster's setup, not with its load, and every reconcile of demand or a pool needs them. */
const TTL_MS = 60_000;

/** All DaemonSets of a cluster, at most a minute older than `now` (ms). */
export type DaemonSetsOf = (cluster: string, now: number) => Promise<readonly DaemonSet[]>;

export const createDaemonSetsOf = (ports: Pick<ReconcilerPorts, "kube">): DaemonSetsOf =>
  ttlCache(TTL_MS, async (cluster) => (await ports.kube(cluster)).list<DaemonSet>(paths.daemonSets()));
