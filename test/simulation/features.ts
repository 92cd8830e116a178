/** The names of faults and actors, each of which a world has with a rate of its own. */

export const FAULTS = [
  "crashes",
  "failures",
  "lost answers",
  "slow calls",
  "outages",
  "lost events",
  "late events",
  "doubled messages",
  "skewed clocks",
  "outdated reads",
  "undone starts",
  "undone launches",
  "no capacity",
  "slow stops",
  "hanging stops",
  "dead forwarder",
  "lost table",
  "late looks",
  "cold starts",
] as const;

export type FaultName = (typeof FAULTS)[number];

export const ACTORS = [
  "cordon",
  "uncordon",
  "relabel",
  "delete node",
  "start by hand",
  "stop by hand",
  "terminate by hand",
  "taint",
  "other autoscaler",
  "tolerant pods",
  "budget",
  "webhook",
  "pod finalizer",
  "node finalizer",
  "unreadable pool",
  "new image",
  "new class",
  "broken class",
  "resize",
  "max runtime",
  "new template",
  "dead kubelet",
  "no network",
  "hanging boot",
  "no cloud controller",
] as const;

export type ActorName = (typeof ACTORS)[number];

export type Feature = FaultName | ActorName;

export const FEATURES: readonly Feature[] = [...FAULTS, ...ACTORS];
