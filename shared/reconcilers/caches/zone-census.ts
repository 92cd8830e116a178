/** How many nodes each zone of a cluster has, and how many of them are standby: not Ready, and meant to be so. */
import type { KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import type { ObjectMeta, ZoneCount } from "../../model/kubernetes/objects.ts";
import { LABEL } from "../../model/names.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";

/** By zone, as of at most five minutes before `now` (ms). Never throws; empty as long as nothing could be counted. */
export type ZoneCensus = (kube: KubeClient, cluster: string, now: number) => Promise<ReadonlyMap<string, ZoneCount>>;

/** Zones fill slowly, and a large cluster has many nodes. */
const COUNT_EVERY_MS = 5 * 60_000;
const ZONE = "topology.kubernetes.io/zone";

const countZones = async (kube: KubeClient): Promise<ReadonlyMap<string, ZoneCount>> => {
  const nodes = await kube.list<{ readonly metadata: ObjectMeta }>(paths.nodes(), { metadataOnly: true });
  const zones = new Map<string, ZoneCount>();
  for (const { metadata } of nodes) {
    const zone = metadata.labels?.[ZONE];
    if (zone === undefined) continue;
    const { nodes: counted, standby } = zones.get(zone) ?? { nodes: 0, standby: 0 };
    const isStandby = metadata.labels?.[LABEL.state] === "standby";
    zones.set(zone, { nodes: counted + 1, standby: standby + Number(isStandby) });
  }
  return zones;
};

/** One count serves every pool that the process reconciles meanwhile; it is news that no pool's reconcile depends on. */
export const createZoneCensus = ({ log }: Pick<Telemetry, "log">): ZoneCensus => {
  const counts = new Map<string, { readonly at: number; readonly zones: ReadonlyMap<string, ZoneCount> }>();
  return async (kube, cluster, now) => {
    const known = counts.get(cluster);
    if (known && now - known.at < COUNT_EVERY_MS) return known.zones;
    let zones = known?.zones ?? new Map<string, ZoneCount>();
    try {
      zones = await countZones(kube);
    } catch (error) {
      log.warn("counting the nodes of zones failed", { cluster, error });
    }
    counts.set(cluster, { at: now, zones });
    return zones;
  };
};
