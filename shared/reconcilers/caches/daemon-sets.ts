import { paths } from "../../kube/paths.ts";
import type { DaemonSet } from "../../model/kubernetes/objects.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { ttlCache } from "./ttl-cache.ts";

/** They change with a cluster's set-up, not with its load, and every look at pods or pools asks for them. */
const KEPT_FOR_MS = 60_000;

/** All of a cluster, as they were a minute ago at most. */
export type DaemonSetsOf = (cluster: string, now: number) => Promise<readonly DaemonSet[]>;

export const createDaemonSetsOf = (ports: Pick<ReconcilerPorts, "kube">): DaemonSetsOf =>
  ttlCache(KEPT_FOR_MS, async (cluster) => (await ports.kube(cluster)).list<DaemonSet>(paths.daemonSets()));
