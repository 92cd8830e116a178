import type { Site } from "../model/site.ts";

/** What `create` makes for each site, found by the cluster. Throws for one that this deployment does not serve. */
export const bySite = <T>(sites: readonly Site[], create: (site: Site) => T): ((cluster: string) => T) => {
  const made = new Map(
    sites.flatMap((site) => {
      const one = create(site);
      return site.clusters.map((cluster) => [cluster, one] as const);
    }),
  );
  return (cluster) => {
    const found = made.get(cluster);
    if (found !== undefined) return found;
    throw new Error(`cluster: found ${JSON.stringify(cluster)}, this deployment serves ${[...made.keys()].join(", ")}`);
  };
};
