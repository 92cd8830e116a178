/** How many nodes each zone of a cluster has, how many of them are standby, which is not Ready on purpose, and how many are in no pool. */
import type { KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import type { ObjectMeta, ZoneCount } from "../../model/kubernetes/objects.ts";
import { LABEL } from "../../model/names.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { ttlCache } from "./ttl-cache.ts";

/** By zone, at most five minutes older than `now` (ms). Never throws; empty until the first count succeeds. */
export type ZoneCensus = (cluster: string, now: number) => Promise<ReadonlyMap<string, ZoneCount>>;

/** Zones fill slowly, and a large cluster has many nodes. */
const COUNT_EVERY_MS = 5 * 60_000;
const ZONE = "topology.kubernetes.io/zone";

/** One count serves every pool that the process reconciles meanwhile. It only informs: no reconcile depends on it. */
export const createZoneCensus = (
  kube: (cluster: string) => Promise<KubeClient>,
  { log }: Pick<Telemetry, "log">,
): ZoneCensus =>
  ttlCache<ReadonlyMap<string, ZoneCount>>(COUNT_EVERY_MS, async (cluster) => countZones(await kube(cluster)), {
    value: new Map(),
    onFailure: (error, cluster) => log.warn("counting the nodes of each zone failed", { cluster, error }),
  });

const countZones = async (kube: KubeClient): Promise<ReadonlyMap<string, ZoneCount>> => {
  const nodes = await kube.list<{ readonly metadata: ObjectMeta }>(paths.nodes(), { metadataOnly: true });
  const zones = new Map<string, ZoneCount>();
  for (const { metadata } of nodes) {
    const zone = metadata.labels?.[ZONE];
    if (zone === undefined) continue;
    const counted = zones.get(zone) ?? { nodes: 0, standby: 0, others: 0 };
    const isStandby = metadata.labels?.[LABEL.state] === "standby";
    const isOther = metadata.labels?.[LABEL.pool] === undefined;
    zones.set(zone, {
      nodes: counted.nodes + 1,
      standby: counted.standby + Number(isStandby),
      others: counted.others + Number(isOther),
    });
  }
  return zones;
};
