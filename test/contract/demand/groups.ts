/** Random groups of equivalent pods. Each group may use any of the scheduler's features. */
import type { NodePool } from "../../../shared/model/api/types.ts";
import type { Container, PodSpec, ResourceList } from "../../../shared/model/kubernetes/objects.ts";
import type { Affinity, PodAffinityTerm, SpreadConstraint } from "../../../shared/model/kubernetes/scheduling.ts";
import { LABEL } from "../../../shared/model/names.ts";
import type { Chance } from "./chance.ts";
import { HOSTNAME, ZONE } from "./machines.ts";
import { only, ownNodesOnly, ownTaint, type Place } from "./place.ts";
import { CRITICAL, DEDICATED, RESERVED, SANDBOXED, SPECIAL, URGENT } from "./world.ts";

export interface Group {
  /** Also the value of its pods' label. */
  readonly name: string;
  readonly namespace: string;
  readonly spec: PodSpec;
  readonly volumes?: GroupVolumes;
}

/**
 * `own` claims are bound to volumes, one for each pod; `unbound` ones wait for the first pod. A `shared` claim is used by all pods of the group, an
 * `exclusive` one can be used by one of them at a time.
 */
export const CLAIMS = ["own", "own", "unbound", "unbound", "shared", "exclusive", "deleting", "immediate"] as const;

export interface GroupVolumes {
  readonly kind: (typeof CLAIMS)[number];
  /** Of bound volumes. */
  readonly zone: string;
}

const NAMES = ["red", "green", "blue", "white", "black"] as const;
const IMAGE = "registry.k8s.io/pause:3.10";

const requestsOf = (chance: Chance): ResourceList => ({
  ...(chance.happens(0.9) && { cpu: chance.pick(["100m", "250m", "500m", "900m", "1", "1500m", "3"]) }),
  ...(chance.happens(0.8) && { memory: chance.pick(["64Mi", "500Mi", "1Gi", "3Gi", "6Gi"]) }),
  ...(chance.happens(0.1) && { "ephemeral-storage": chance.pick(["1Gi", "6Gi", "15Gi"]) }),
});

const container = (name: string, requests: ResourceList, more: object = {}): Container => ({
  name,
  image: IMAGE,
  resources: { requests },
  ...more,
});

/** The limit of an extended resource must equal its request. */
const device = (): Container => {
  const devices = { "nvidia.com/gpu": "1" };
  return container("device", devices, { resources: { requests: devices, limits: devices } });
};

const hostPort = (chance: Chance) => ({
  ports: [{ containerPort: 80, hostPort: chance.pick([80, 8080]), protocol: chance.pick(["TCP", "UDP"]) }],
});

/** The API server takes no less than the containers' sum. */
const podLevel = (chance: Chance): Pick<PodSpec, "containers" | "resources"> => ({
  containers: [container("main", { cpu: "100m", memory: "64Mi" })],
  resources: { requests: { cpu: chance.pick(["500m", "1200m", "3"]), memory: chance.pick(["500Mi", "3Gi"]) } },
});

const containersOf = (chance: Chance): Pick<PodSpec, "containers" | "initContainers"> => ({
  containers: [
    container("main", requestsOf(chance), chance.happens(0.2) ? hostPort(chance) : {}),
    ...(chance.happens(0.15) ? [container("second", requestsOf(chance))] : []),
    ...(chance.happens(0.1) ? [device()] : []),
  ],
  initContainers: [
    ...(chance.happens(0.1) ? [container("sidecar", requestsOf(chance), { restartPolicy: "Always" })] : []),
    ...(chance.happens(0.15) ? [container("init", requestsOf(chance))] : []),
  ],
});

interface GroupContext {
  readonly place: Place;
  readonly pools: readonly NodePool[];
}

const nodeAffinity = (chance: Chance, { place, pools }: GroupContext) => {
  const hosts = [`${chance.pick(pools).metadata.name}-asleep-0`, "gone"];
  const byName = { key: "metadata.name", operator: chance.pick(["In", "NotIn"]), values: [chance.pick(hosts)] };
  const term = () => ({
    ...(chance.happens(0.1) && { matchFields: [byName] }),
    matchExpressions: [
      chance.pick([
        { key: HOSTNAME, operator: chance.pick(["In", "NotIn"]), values: [chance.pick(hosts)] },
        { key: ZONE, operator: chance.pick(["In", "NotIn"]), values: [chance.pick(place.zones)] },
        { key: "example.com/cores", operator: chance.pick(["Gt", "Lt"]), values: ["3"] },
        { key: chance.pick(["team", "disk"]), operator: chance.pick(["Exists", "DoesNotExist"]) },
        { key: LABEL.pool, operator: "In", values: [chance.pick(pools).metadata.name] },
      ]),
    ],
  });
  const nodeSelectorTerms = chance.happens(0.3) ? [term(), term()] : [term()];
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
};

/** A term for pods of one of the groups, by host or by zone. */
const podTerm = (chance: Chance, { namespaces }: Place, own: string): PodAffinityTerm => ({
  topologyKey: chance.happens(0.7) ? HOSTNAME : ZONE,
  labelSelector: { matchLabels: { group: chance.pick([own, own, ...NAMES]) } },
  ...(chance.happens(0.2) && { [chance.pick(["matchLabelKeys", "mismatchLabelKeys"])]: ["batch"] }),
  ...(chance.happens(0.2) && { namespaceSelector: { matchLabels: chance.pick(Object.values(namespaces)) } }),
  ...(chance.happens(0.1) && { namespaces: Object.keys(namespaces) }),
});

const podTerms = (chance: Chance, place: Place, own: string) => ({
  requiredDuringSchedulingIgnoredDuringExecution: Array.from({ length: chance.happens(0.2) ? 2 : 1 }, () =>
    podTerm(chance, place, own),
  ),
});

const affinityOf = (chance: Chance, own: string, context: GroupContext): Affinity => ({
  ...(chance.happens(0.2) && { nodeAffinity: nodeAffinity(chance, context) }),
  ...(chance.happens(0.25) && { podAntiAffinity: podTerms(chance, context.place, own) }),
  ...(chance.happens(0.1) && { podAffinity: podTerms(chance, context.place, own) }),
});

const spreadOf = (chance: Chance, group: string): Omit<SpreadConstraint, "topologyKey"> => {
  const whenUnsatisfiable = chance.happens(0.9) ? "DoNotSchedule" : "ScheduleAnyway";
  return {
    maxSkew: chance.count(1, 3),
    whenUnsatisfiable,
    labelSelector: { matchLabels: { group } },
    ...(whenUnsatisfiable === "DoNotSchedule" && chance.happens(0.35) && { minDomains: chance.count(2, 4) }),
    ...(chance.happens(0.2) && { matchLabelKeys: ["batch"] }),
    ...(chance.happens(0.5) && { nodeTaintsPolicy: chance.pick(["Honor", "Ignore"]) }),
    ...(chance.happens(0.2) && { nodeAffinityPolicy: chance.pick(["Honor", "Ignore"]) }),
  };
};

const spreadsOf = (chance: Chance, place: Place, group: string): readonly SpreadConstraint[] => {
  const spreads = (chance.happens(0.3) ? [HOSTNAME, ZONE] : [chance.pick([HOSTNAME, ZONE])]).map((topologyKey) => ({
    ...spreadOf(chance, group),
    topologyKey,
  }));
  const countsOthers = spreads.some(({ nodeAffinityPolicy }) => nodeAffinityPolicy === "Ignore");
  return countsOthers ? [...spreads, ownNodesOnly(place)] : spreads;
};

const tolerationsOf = (chance: Chance, place: Place) =>
  [ownTaint(place), ...[DEDICATED, SPECIAL, RESERVED].filter(() => chance.happens(0.5))].map(({ key, effect }) => ({
    key,
    operator: "Exists",
    effect,
  }));

const makeGroup = (chance: Chance, name: string, context: GroupContext): Group => {
  const { place, pools } = context;
  return {
    name,
    namespace: chance.pick(Object.keys(place.namespaces)),
    spec: {
      ...(chance.happens(0.1) ? podLevel(chance) : containersOf(chance)),
      terminationGracePeriodSeconds: 0,
      ...(chance.happens(0.1) && { runtimeClassName: SANDBOXED }),
      nodeSelector: {
        ...only(place),
        ...(chance.happens(0.15) && { [LABEL.pool]: chance.pick(pools).metadata.name }),
        ...(chance.happens(0.05) && { [HOSTNAME]: `${chance.pick(pools).metadata.name}-asleep-0` }),
      },
      affinity: affinityOf(chance, name, context),
      topologySpreadConstraints: chance.happens(0.3) ? spreadsOf(chance, place, name) : [],
      tolerations: tolerationsOf(chance, place),
      ...(chance.happens(0.2) && { priorityClassName: chance.pick([URGENT, CRITICAL]) }),
    },
    ...(chance.happens(0.2) && { volumes: { kind: chance.pick(CLAIMS), zone: chance.pick(place.zones) } }),
  };
};

export const makeGroups = (chance: Chance, context: GroupContext): readonly Group[] =>
  NAMES.slice(0, chance.count(1, NAMES.length)).map((name) => makeGroup(chance, name, context));
