/** A random cluster with unschedulable pods; the same seed gives the same cluster, but for its place. */
import type { DaemonSet, KubeNode, KubePod, PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import { type Chance, createChance } from "./chance.ts";
import { type Group, makeGroups } from "./groups.ts";
import { HOSTNAME } from "./machines.ts";
import type { Place } from "./place.ts";
import { claimOf, driverOn, type Placed, storageFor } from "./storage.ts";
import { makeWorld, type World } from "./world.ts";

export interface Scenario extends World {
  readonly place: Place;
  readonly daemonSets: readonly DaemonSet[];
  /** Bound from the start, apart from the pods of DaemonSets. */
  readonly bound: readonly KubePod[];
  readonly pending: readonly KubePod[];
  readonly storage: readonly Placed[];
  /** The number of volumes that a node can attach, if any pod has volumes. */
  readonly volumeLimit: number | undefined;
}

const LABELS = { app: "agent" };

/** What a DaemonSet's pods take: requests, limits that the API server turns into requests, or a port of the host. */
const AGENT_SPECS: readonly PodSpec[] = [
  { containers: [{ name: "main", image: "agent", resources: { requests: { cpu: "70m", memory: "100Mi" } } }] },
  { containers: [{ name: "main", image: "agent", resources: { limits: { cpu: "250m", memory: "300Mi" } } }] },
  { containers: [{ name: "main", image: "agent" }], resources: { limits: { cpu: "250m", memory: "300Mi" } } },
  { containers: [{ name: "main", image: "agent" }] },
  { hostNetwork: true, containers: [{ name: "main", image: "agent", ports: [{ containerPort: 8080 }] }] },
];

const makeAgent = (chance: Chance, { name, system }: Place): DaemonSet => {
  const spec = {
    ...chance.pick(AGENT_SPECS),
    tolerations: [{ operator: "Exists" }],
    ...(chance.happens(0.2) && { nodeSelector: { team: chance.pick(["a", "b"]) } }),
  };
  return {
    metadata: { name: `agent-${name}`, namespace: system },
    spec: { selector: { matchLabels: LABELS }, template: { metadata: { labels: LABELS }, spec } },
  } as DaemonSet;
};

const runsOn = ({ spec }: DaemonSet, { metadata }: KubeNode): boolean =>
  Object.entries(spec.template.spec.nodeSelector ?? {}).every(([key, value]) => metadata.labels?.[key] === value);

/** The pods of DaemonSets on the node, as their controller creates them and the scheduler binds them. */
export const agentsOn = ({ daemonSets }: Scenario, node: KubeNode): readonly KubePod[] =>
  daemonSets
    .filter((daemonSet) => runsOn(daemonSet, node))
    .map(({ metadata: { name, namespace }, spec }) => ({
      metadata: {
        name: `agent-on-${node.metadata.name}`,
        ...(namespace !== undefined && { namespace }),
        ownerReferences: [{ apiVersion: "apps/v1", kind: "DaemonSet", name, uid: name, controller: true }],
      },
      spec: { ...spec.template.spec, nodeName: node.metadata.name },
    }));

/** A pod of the group, with its volume if the group has volumes. */
const aPod = ({ name: group, namespace, spec, volumes }: Group, id: string, index: number): KubePod => {
  const name = `${group}-${id}`;
  const claim = volumes && { persistentVolumeClaim: { claimName: claimOf(group, name, volumes) } };
  return {
    metadata: { name, namespace, labels: { group, batch: String(index % 2) } },
    spec: { ...spec, ...(claim && { volumes: [{ name: "data", ...claim }] }) },
  };
};

/** Bound without the scheduler, so not necessarily where the scheduler would have placed them. */
const makeBound = (chance: Chance, groups: readonly Group[], nodes: readonly KubeNode[]): readonly KubePod[] =>
  nodes.flatMap(({ metadata }) =>
    Array.from({ length: chance.count(0, 2) }, (_, index) => {
      const { spec, ...pod } = aPod(chance.pick(groups), `on-${metadata.name}-${index}`, index);
      return { ...pod, spec: { ...spec, nodeName: metadata.name } };
    }),
  );

const storageOf = (place: Place, groups: readonly Group[], pods: readonly KubePod[]): readonly Placed[] => {
  const all = pods.flatMap((pod): (readonly [string, readonly Placed[]])[] => {
    const group = groups.find(({ name }) => name === pod.metadata.labels?.group);
    const claim = pod.spec.volumes?.[0]?.persistentVolumeClaim?.claimName;
    if (!group?.volumes || claim === undefined) return [];
    return [[`${group.namespace}/${claim}`, storageFor(place, pod, claim, group.volumes)]];
  });
  return [...new Map(all).values()].flat();
};

export const makeScenario = (seed: number, place: Place): Scenario => {
  const chance = createChance(seed);
  const world = makeWorld(chance, place);
  const groups = makeGroups(chance, { place, pools: world.kinds.map(({ pool }) => pool) });
  const daemonSets = chance.happens(0.6) ? [makeAgent(chance, place)] : [];
  const up = [...world.machines.filter(({ isUp }) => isUp).map(({ node }) => node), ...world.others];
  const bound = makeBound(chance, groups, up);
  const pending = groups.flatMap((group) =>
    Array.from({ length: chance.count(1, 5) }, (_, index) => aPod(group, String(index), index)),
  );
  const storage = storageOf(place, groups, [...pending, ...bound]);
  return {
    ...world,
    place,
    daemonSets,
    bound,
    pending,
    storage,
    volumeLimit: storage.length > 0 ? chance.count(1, 3) : undefined,
  };
};

/** The nodes that exist from the start. */
export const initialNodes = ({ machines, others }: Scenario): readonly KubeNode[] => [
  ...machines.flatMap(({ isUp, node, stopped }) => (isUp ? [node] : (stopped ?? []))),
  ...others,
];

/** The storage and DaemonSet pods that come with a node. */
export const driversOn = ({ volumeLimit }: Scenario, node: KubeNode): readonly Placed[] =>
  volumeLimit === undefined ? [] : [driverOn(node, volumeLimit)];

const onHostOnly = (pod: KubePod): KubePod => {
  const { affinity } = pod.spec;
  const terms = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!terms) return pod;
  const onHost = terms.map((term) => ({ ...term, topologyKey: HOSTNAME }));
  const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: onHost };
  return { ...pod, spec: { ...pod.spec, affinity: { ...affinity, podAntiAffinity } } };
};

/**
 * Removes what the reconciler cannot know before the scheduler has tried. It reads which running pods keep others out of their zone only
 * after the scheduler has given that as a reason, and the scheduler gives no reasons for standby nodes.
 */
export const withoutSurprises = (scenario: Scenario): Scenario => ({
  ...scenario,
  bound: scenario.bound.map(onHostOnly),
});
