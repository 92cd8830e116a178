/** What one seed decides: the cluster, its load, and which faults and actors there are, each with its own rate. */
import type { NetworkProfile } from "../../local/kubernetes/network/network.ts";
import type { NodePool } from "../../shared/model/api/types.ts";
import { FEATURES, type Feature } from "./features.ts";
import { between, chance, choose, integer, type Random, streamOf } from "./random.ts";

export interface PoolScenario {
  readonly name: string;
  readonly spec: NodePool["spec"];
}

export interface Workload {
  readonly name: string;
  /** A Deployment changes its replicas; of Jobs, one after another is made. */
  readonly kind: "Deployment" | "Job";
  /** Its pod, of which there is one at most, has a volume in this zone. */
  readonly volumeZone: string | undefined;
  readonly pool: string;
  readonly cpu: string;
  readonly maxReplicas: number;
}

export interface Scenario {
  readonly seed: number;
  readonly network: NetworkProfile;
  readonly pools: readonly PoolScenario[];
  /** Whether the class names a role, for which it gets an instance profile of its own, or a profile. */
  readonly hasRole: boolean;
  /** Whether instances have a GPU, which each pod needs. */
  readonly hasGpus: boolean;
  readonly workloads: readonly Workload[];
  /** From 0 to 1, by feature; those that are missing do not happen. */
  readonly rates: Readonly<Partial<Record<Feature, number>>>;
  /** How long faults, actors and changes of the load last. */
  readonly hostileMs: number;
  /** Whether the pools are deleted in the end. */
  readonly deletesPools: boolean;
  /** How many replicas the workloads have from when on; drawn by default. */
  readonly script?: readonly { readonly atMs: number; readonly replicas: number }[];
  /** Whether the world is looked at for some minutes once it has recovered: it must be quiet. */
  readonly isQuiet: boolean;
}

export interface ScenarioLimits {
  /** Features to leave out. */
  readonly without: readonly string[];
  /** How long faults last at most; with `always`, how long they last. */
  readonly minutes: number;
  /** Features that there are in any case, at their full rate. */
  readonly always?: readonly Feature[] | undefined;
}

const MINUTE = 60_000;
/** Most seeds are short: what two minutes more reveal costs more than another seed. */
const SHARE_OF_LONG = 0.15;
const SHARE_OF_QUIET = 0.4;
const SHARE_OF_JOBS = 0.25;
const SHARE_WITH_VOLUME = 0.15;
const SHARE_WITH_GPUS = 0.15;
export const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"] as const;
const NETWORKS: readonly NetworkProfile[] = ["vpc-cni", "vpc-cni", "vpc-cni+agent", "cilium", "calico", "none"];

const poolOf = (random: Random, index: number): PoolScenario => {
  const name = index === 0 ? "pool" : `pool-${index}`;
  const poolSize = integer(random, 2, 5);
  const spec: NodePool["spec"] = {
    poolSize,
    minStandby: integer(random, 1, Math.min(2, poolSize)),
    template: {
      nodeClassRef: { kind: "AWSNodeClass", name: "workers" },
      // Pools of one cluster are told apart by a label, so that each workload has one place to go.
      labels: { team: name },
    },
    preWarm: {
      timeout: "6m",
      completionMode: chance(random, 0.5) ? "SelfStop" : "ControllerStop",
      timeoutAction: chance(random, 0.3) ? "terminate" : "stop",
    },
    scaleUp: { startTimeout: "3m", overflow: chance(random, 0.7) ? "Launch" : "None" },
    scaleDown: {
      emptyNodeTTL: choose(random, ["30s", "1m", "2m"]) ?? "1m",
      drainTimeout: "1m",
      surplusStandbyTTL: "2m",
    },
    disruption: { protectedPodTimeout: "2m" },
  };
  return { name, spec };
};

/** Half of the workloads need a node for each pod, so that every start too many shows. */
const workloadOf = (random: Random, pool: PoolScenario): Workload => {
  const volumeZone = chance(random, SHARE_WITH_VOLUME) ? choose(random, ZONES) : undefined;
  return {
    name: `web-${pool.name}`,
    kind: volumeZone === undefined && chance(random, SHARE_OF_JOBS) ? "Job" : "Deployment",
    volumeZone,
    pool: pool.name,
    cpu: choose(random, ["1500m", "1500m", "700m", "300m"]) ?? "1500m",
    maxReplicas: volumeZone === undefined ? integer(random, 1, 5) : 1,
  };
};

const ratesOf = (random: Random): Scenario["rates"] => {
  // Each seed has some of them: with all at once, one hides what another reveals.
  const share = choose(random, [0, 0.1, 0.25, 0.5]) ?? 0;
  return Object.fromEntries(FEATURES.map((feature) => [feature, chance(random, share) ? between(random, 0.1, 1) : 0]));
};

export const scenarioOf = (seed: number, { without, minutes, always = [] }: ScenarioLimits): Scenario => {
  const random = streamOf(seed, "scenario");
  const pools = Array.from({ length: chance(random, 0.2) ? 2 : 1 }, (_, index) => poolOf(random, index));
  const rates = ratesOf(random);
  const network = choose(random, NETWORKS) ?? "vpc-cni";
  const workloads = pools.map((pool) => workloadOf(random, pool));
  const longest = chance(random, SHARE_OF_LONG) ? 12 : 5;
  const drawn = integer(random, 2, longest);
  const hostileMs = (always.length > 0 ? minutes : Math.min(minutes, drawn)) * MINUTE;
  return {
    seed,
    network,
    pools,
    workloads,
    hasGpus: chance(random, SHARE_WITH_GPUS),
    hasRole: chance(random, 0.4),
    rates: {
      ...Object.fromEntries(Object.entries(rates).filter(([feature]) => !without.includes(feature))),
      ...Object.fromEntries(always.map((feature) => [feature, 1])),
    },
    hostileMs,
    deletesPools: chance(random, 0.3) && !without.includes("deletion"),
    isQuiet: chance(random, SHARE_OF_QUIET),
  };
};
