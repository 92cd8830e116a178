/** The scheduler's cluster: a scenario put into it, read as the observers of demand would, and nodes of it woken up. */
import { type DemandPool, type DemandView, NO_SURROUNDINGS } from "../../../shared/demand/view.ts";
import type { KubeNode, KubePod } from "../../../shared/kube/objects.ts";
import { paths } from "../../../shared/kube/paths.ts";
import { LABEL } from "../../../shared/names.ts";
import { aDemandPool } from "../../shared/demand/builders.ts";
import { aRecord, aSpec } from "../../shared/pool/builders.ts";
import type { Scenario } from "./scenario.ts";
import { MARKERS, podsIn, type SchedulerStage } from "./scheduler-stage.ts";
import { NAMESPACES, type ScenarioPool, ZONE } from "./world.ts";

export interface Cluster {
  readonly nodes: readonly KubeNode[];
  readonly pods: readonly KubePod[];
}

export const read = async ({ kube }: SchedulerStage): Promise<Cluster> => {
  const [nodes, pods] = await Promise.all([kube.list<KubeNode>(paths.nodes()), kube.list<KubePod>(paths.pods())]);
  return {
    nodes: nodes.filter(({ metadata }) => metadata.labels?.marker === undefined),
    pods: pods.filter(({ metadata }) => metadata.namespace !== MARKERS),
  };
};

export const isAsleep = ({ spec }: KubeNode): boolean => spec?.unschedulable === true;
export const isBound = ({ spec }: KubePod): boolean => spec.nodeName !== undefined;

const poolView = ({ name, taints, labels, weight }: ScenarioPool, all: readonly KubeNode[]): DemandPool => {
  const nodes = all.filter(({ metadata }) => metadata.labels?.[LABEL.pool] === name);
  const { template } = aSpec();
  return aDemandPool({
    name,
    spec: aSpec({ weight, template: { ...template, taints, labels: { ...labels, [LABEL.pool]: name } } }),
    capacity: nodes[0]?.status?.allocatable,
    nodes: new Map(nodes.map((node) => [node.metadata.name, node])),
    standby: nodes
      .filter(isAsleep)
      .map(({ metadata }) => aRecord("standby", { nodeName: metadata.name, zone: metadata.labels?.[ZONE] ?? "" })),
  });
};

/** The scheduler has seen every node that is awake, so none counts as just started. */
export const viewOf = ({ pools, daemonSets }: Scenario, { nodes, pods }: Cluster): DemandView => ({
  now: Date.now(),
  pods: pods.filter((pod) => !isBound(pod)),
  pools: pools.map((pool) => poolView(pool, nodes)),
  around: {
    ...NO_SURROUNDINGS,
    nodes: nodes.filter(({ metadata }) => metadata.labels?.[LABEL.pool] === undefined),
    pods: pods.filter(isBound),
    namespaces: new Map(Object.entries(NAMESPACES)),
    daemonSets,
  },
});

export const createPod = ({ kube }: SchedulerStage, { metadata, spec }: KubePod): Promise<unknown> =>
  kube.create(podsIn(metadata.namespace ?? ""), { metadata, spec });

const clear = async ({ kube }: SchedulerStage): Promise<void> => {
  const namespaces = [...Object.keys(NAMESPACES), "kube-system", MARKERS];
  await Promise.all(namespaces.map((namespace) => kube.delete(podsIn(namespace), { gracePeriodSeconds: 0 })));
  await kube.delete(paths.nodes());
};

/** In place of whatever is there. Nodes come first, so that the scheduler knows them all when it sees the first pod. */
export const setUp = async (stage: SchedulerStage, { nodes, bound, pending }: Scenario): Promise<void> => {
  await clear(stage);
  await Promise.all(nodes.map((node) => stage.kube.create(paths.nodes(), node)));
  await Promise.all(bound.map((pod) => createPod(stage, pod)));
  await stage.settle();
  for (const pod of pending) await createPod(stage, pod);
  await stage.settle();
};

/** What a node looks like once it is up: cordon and passing taints are gone, the pool's own taints stay. */
export const wakeUp = async ({ kube }: SchedulerStage, { pools }: Scenario, nodes: readonly KubeNode[]) => {
  const wake = ({ metadata }: KubeNode) => {
    const taints = pools.find(({ name }) => name === metadata.labels?.[LABEL.pool])?.taints ?? [];
    return kube.patch(paths.node(metadata.name), "merge", { spec: { unschedulable: null, taints } });
  };
  await Promise.all(nodes.map(wake));
};
