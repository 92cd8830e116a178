/** A random cluster with unschedulable pods; the same seed gives the same cluster. */
import type { NodePool } from "../../../shared/model/api/types.ts";
import type { DaemonSet, KubeNode, KubePod, PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import { type Chance, createChance } from "./chance.ts";
import { type Group, makeGroups } from "./groups.ts";
import { driverOn, type Placed, storageFor } from "./storage.ts";
import { HOSTNAME, makeWorld } from "./world.ts";

export interface Scenario {
  readonly pools: readonly NodePool[];
  /** Standby and running nodes of pools, and nodes of no pool. */
  readonly nodes: readonly KubeNode[];
  readonly daemonSets: readonly DaemonSet[];
  /** Bound from the start. */
  readonly bound: readonly KubePod[];
  readonly pending: readonly KubePod[];
  readonly storage: readonly Placed[];
}

const LABELS = { app: "agent" };

/** What a DaemonSet's pods take: requests, limits that the API server turns into requests, or a port of the host. */
const AGENT_SPECS: readonly PodSpec[] = [
  { containers: [{ name: "main", image: "agent", resources: { requests: { cpu: "70m", memory: "100Mi" } } }] },
  { containers: [{ name: "main", image: "agent", resources: { limits: { cpu: "250m", memory: "300Mi" } } }] },
  { hostNetwork: true, containers: [{ name: "main", image: "agent", ports: [{ containerPort: 8080 }] }] },
];

const makeAgent = (spec: PodSpec) => ({
  metadata: { name: "agent", namespace: "kube-system" },
  spec: {
    selector: { matchLabels: LABELS },
    template: { metadata: { labels: LABELS }, spec: { ...spec, tolerations: [{ operator: "Exists" }] } },
  },
});

const AGENTS_OWNER = { apiVersion: "apps/v1", kind: "DaemonSet", name: "agent", uid: "agent", controller: true };

/** As the DaemonSet controller creates it and the scheduler binds it. */
const agentOn = ({ spec }: DaemonSet, { metadata }: KubeNode): KubePod => ({
  metadata: {
    name: `agent-${metadata.name}`,
    namespace: "kube-system",
    ownerReferences: [AGENTS_OWNER],
  },
  spec: { ...spec.template.spec, nodeName: metadata.name },
});

/** A pod of the group, with its own volume if the group has volumes. */
const aPod = ({ name: group, namespace, spec, volumesIn }: Group, id: string, index: number): KubePod => {
  const name = `${group}-${id}`;
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: name } }];
  return {
    metadata: { name, namespace, labels: { group, batch: String(index % 2) } },
    spec: { ...spec, ...(volumesIn !== undefined && { volumes }) },
  };
};

/** Bound without the scheduler, so not necessarily where the scheduler would have placed them. */
const makeBound = (chance: Chance, groups: readonly Group[], nodes: readonly KubeNode[]): readonly KubePod[] =>
  nodes
    .filter(({ spec }) => !spec?.unschedulable)
    .flatMap(({ metadata }) =>
      Array.from({ length: chance.count(0, 2) }, (_, index) => {
        const { spec, ...pod } = aPod(chance.pick(groups), `on-${metadata.name}-${index}`, index);
        return { ...pod, spec: { ...spec, nodeName: metadata.name } };
      }),
    );

export const makeScenario = (seed: number): Scenario => {
  const chance = createChance(seed);
  const { pools, nodes } = makeWorld(chance);
  const groups = makeGroups(chance, pools);
  const daemonSets = chance.happens(0.5) ? [makeAgent(chance.pick(AGENT_SPECS))] : [];
  const bound = makeBound(chance, groups, nodes);
  const pending = groups.flatMap((group) =>
    Array.from({ length: chance.count(1, 6) }, (_, index) => aPod(group, String(index), index)),
  );
  return {
    pools,
    nodes,
    daemonSets,
    bound: [...daemonSets.flatMap((daemonSet) => nodes.map((node) => agentOn(daemonSet, node))), ...bound],
    pending,
    storage: [
      ...nodes.map((node) => driverOn(chance, node)),
      ...[...bound, ...pending].flatMap((pod) => {
        const zone = groups.find(({ name }) => name === pod.metadata.labels?.group)?.volumesIn;
        return zone === undefined ? [] : storageFor(pod, zone);
      }),
    ],
  };
};

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
