/**
 * The mix of upstream Karpenter's benchmark: a fifth each of pods without rules, spread over zones, spread over hosts, with zone affinity to each other,
 * and with host anti-affinity to each other; with random requests and labels. Source: sigs.k8s.io/karpenter, pkg/controllers/provisioning/scheduling,
 * scheduling_benchmark_test.go, makeDiversePods.
 */
import type { KubePod, Labels, PodSpec, ResourceList } from "../../shared/model/kubernetes/objects.ts";
import { aPendingPod, type DemandInput, HOSTNAME, NOW, ZONE, ZONES } from "./input.ts";

const SEED = 42;
const VALUES = ["a", "b", "c", "d", "e", "f", "g"];
const MILLICORES = [100, 250, 500, 1000, 1500];
const MEBIBYTES = [100, 256, 512, 1024, 2048, 4096];
/** Karpenter's benchmark has 400 of them; a node class rarely has more than this. */
const INSTANCE_TYPES = 20;
const MAX_LAUNCHES = 10_000;

/** The same numbers in each run (a linear congruential generator with the constants of Numerical Recipes). */
const createRandom = (): ((below: number) => number) => {
  let state = SEED;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

interface Identity {
  readonly labels: Labels;
  readonly rules: Partial<PodSpec>;
}

const required = <T>(term: T) => ({ requiredDuringSchedulingIgnoredDuringExecution: [term] });

const createPodKinds = (pick: <T>(from: readonly T[]) => T): readonly (() => Identity)[] => {
  const labelled = (): Labels => ({ "my-label": pick(VALUES) });
  const spread = (topologyKey: string) => (): Identity => {
    const labelSelector = { matchLabels: labelled() };
    const constraint = { topologyKey, maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", labelSelector };
    return { labels: labelled(), rules: { topologySpreadConstraints: [constraint] } };
  };
  const withZoneAffinity = (): Identity => {
    const labels = { "my-affinity": pick(VALUES) };
    const podAffinity = required({ topologyKey: ZONE, labelSelector: { matchLabels: labels } });
    return { labels, rules: { affinity: { podAffinity } } };
  };
  const withHostAntiAffinity = (): Identity => {
    const labels = { app: "nginx" };
    const podAntiAffinity = required({ topologyKey: HOSTNAME, labelSelector: { matchLabels: labels } });
    return { labels, rules: { affinity: { podAntiAffinity } } };
  };
  return [
    () => ({ labels: labelled(), rules: {} }),
    spread(ZONE),
    spread(HOSTNAME),
    withZoneAffinity,
    withHostAntiAffinity,
  ];
};

const diversePods = (count: number): readonly KubePod[] => {
  const random = createRandom();
  const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
  const kinds = createPodKinds(pick);
  return Array.from({ length: count }, (_, index) => {
    const { labels, rules } = (kinds[Math.floor((index * kinds.length) / count)] as () => Identity)();
    return aPendingPod(`pod-${index}`, labels, { cpu: `${pick(MILLICORES)}m`, memory: `${pick(MEBIBYTES)}Mi` }, rules);
  });
};

/** Without nodes: one pool can launch instance types with 1 to 20 cores in each zone. */
export const diverseInput = (count: number): DemandInput => {
  const sizes = Array.from({ length: INSTANCE_TYPES }, (_, index) => INSTANCE_TYPES - index);
  const allocatable = sizes.map((cores): [string, ResourceList] => [
    `fake-${cores}.large`,
    { cpu: `${cores * 1000 - 100}m`, memory: `${2 * cores * 1024 - 10}Mi`, pods: String(10 * cores) },
  ]);
  return {
    now: NOW,
    pods: diversePods(count),
    pools: [
      {
        name: "pool",
        nodes: [],
        started: [],
        standby: [],
        offerings: allocatable.flatMap(([instanceType]) => ZONES.map((zone) => ({ instanceType, zone }))),
        maxLaunches: MAX_LAUNCHES,
        allocatable: Object.fromEntries(allocatable),
      },
    ],
  };
};
