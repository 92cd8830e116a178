/** The scheduler's cluster: a scenario put into it, read as the observers of demand would, and nodes of it woken up. */

import type { DemandPlan } from "../../../shared/demand/plan.ts";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import { paths } from "../../../shared/kube/paths.ts";
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import type { KubeNode, KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { LABEL } from "../../../shared/model/names.ts";
import { createObserveDemand } from "../../../shared/reconcilers/demand/observe.ts";
import { aRecord } from "../../shared/pool/builders.ts";
import { createWorld } from "../../shared/reconcilers/world.ts";
import type { Scenario } from "./scenario.ts";
import { MARKERS, podsIn, type SchedulerStage } from "./scheduler-stage.ts";
import { NAMESPACES, ZONE } from "./world.ts";

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

/** The table's records of a pool: a node that has been woken up was started just now, as far as anyone knows. */
const recordsOf = (scenario: Scenario, pool: string, nodes: readonly KubeNode[], now: number): InstanceRecord[] => {
  const slept = new Set(scenario.nodes.filter(isAsleep).map(({ metadata }) => metadata.name));
  return nodes
    .filter(({ metadata }) => metadata.labels?.[LABEL.pool] === pool)
    .map((node) => {
      const { name, labels } = node.metadata;
      const place = { nodeName: name, zone: labels?.[ZONE] ?? "" };
      if (isAsleep(node)) return aRecord("standby", place);
      return aRecord("running", { ...place, startedAt: slept.has(name) ? now : 0, stateSince: 0 });
    });
};

/** What the demand reconciler decides by what it reads of the cluster. */
export const planFor = async ({ kube }: SchedulerStage, scenario: Scenario): Promise<DemandPlan | undefined> => {
  const now = Date.now();
  const nodes = await kube.list<KubeNode>(paths.nodes());
  const { ports } = createWorld();
  const observe = createObserveDemand({
    ...ports,
    kube: async () => kube,
    slots: { ...ports.slots, read: async ({ pool }) => recordsOf(scenario, pool, nodes, now) },
  });
  const observed = await observe("test", now, new Set());
  return observed && planDemand(observed.view);
};

export const createPod = ({ kube }: SchedulerStage, { metadata, spec }: KubePod): Promise<unknown> =>
  kube.create(podsIn(metadata.namespace ?? ""), { metadata, spec });

const DAEMON_SETS = "/apis/apps/v1/namespaces/kube-system/daemonsets";

const clear = async ({ kube }: SchedulerStage): Promise<void> => {
  const namespaces = [...Object.keys(NAMESPACES), "kube-system", MARKERS];
  await Promise.all(namespaces.map((namespace) => kube.delete(podsIn(namespace), { gracePeriodSeconds: 0 })));
  const others = [paths.nodes(), paths.nodePools(), DAEMON_SETS, paths.csiNodes(), paths.persistentVolumes()];
  const claims = Object.keys(NAMESPACES).map(paths.claimsIn);
  await Promise.all([...others, ...claims].map((path) => kube.delete(path)));
};

/** In place of whatever is there. Nodes come first, so that the scheduler knows them all when it sees the first pod. */
export const setUp = async (stage: SchedulerStage, scenario: Scenario): Promise<void> => {
  const { pools, daemonSets, nodes, bound, pending, storage } = scenario;
  await clear(stage);
  await Promise.all([
    ...pools.map((pool) => stage.kube.create(paths.nodePools(), pool)),
    ...daemonSets.map((daemonSet) => stage.kube.create(DAEMON_SETS, daemonSet)),
    ...nodes.map((node) => stage.kube.create(paths.nodes(), node)),
    ...storage.map(({ path, object }) => stage.kube.create(path, object)),
  ]);
  await Promise.all(bound.map((pod) => createPod(stage, pod)));
  await stage.settle();
  for (const pod of pending) await createPod(stage, pod);
  await stage.settle();
};

/** What a node looks like once it is up: cordon and passing taints are gone, the pool's own taints stay. */
export const wakeUp = async ({ kube }: SchedulerStage, { pools }: Scenario, nodes: readonly KubeNode[]) => {
  const wake = ({ metadata }: KubeNode) => {
    const pool = pools.find((one) => one.metadata.name === metadata.labels?.[LABEL.pool]);
    const taints = pool?.spec.template.taints ?? [];
    return kube.patch(paths.node(metadata.name), "merge", { spec: { unschedulable: null, taints } });
  };
  await Promise.all(nodes.map(wake));
};
