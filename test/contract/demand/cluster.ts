/** The scheduler's cluster: creates a scenario, reads it as the demand reconciler does, and starts its nodes. */

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

export const isStandby = ({ spec }: KubeNode): boolean => spec?.unschedulable === true;
export const isBound = ({ spec }: KubePod): boolean => spec.nodeName !== undefined;

/** The records of a pool, as the table would have them. Nodes that were started count as started just now. */
const recordsOf = (scenario: Scenario, pool: string, nodes: readonly KubeNode[], now: number): InstanceRecord[] => {
  const initiallyStandby = new Set(scenario.nodes.filter(isStandby).map(({ metadata }) => metadata.name));
  return nodes
    .filter(({ metadata }) => metadata.labels?.[LABEL.pool] === pool)
    .map((node) => {
      const { name, labels } = node.metadata;
      const attributes = { nodeName: name, zone: labels?.[ZONE] ?? "" };
      if (isStandby(node)) return aRecord("standby", attributes);
      const times = initiallyStandby.has(name) ? { startedAt: now } : { startedAt: 0, readyAt: 0, openedAt: 0 };
      return aRecord("running", { ...attributes, ...times, stateSince: 0 });
    });
};

/** The plan that the demand reconciler makes from what it observes in the cluster. */
export const planFor = async ({ kube }: SchedulerStage, scenario: Scenario): Promise<DemandPlan | undefined> => {
  const now = Date.now();
  const nodes = await kube.list<KubeNode>(paths.nodes());
  const { ports } = createWorld();
  const observe = createObserveDemand({
    ...ports,
    kube: async () => kube,
    poolItems: {
      read: async ({ pool }) => ({
        records: recordsOf(scenario, pool, nodes, now),
        request: undefined,
        warmupFailures: undefined,
      }),
    },
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

/** Replaces the contents of the cluster. Nodes come first, so that the scheduler knows them all when it sees the first pod. */
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

/** Makes nodes look started: without the cordon and the temporary taints, but with the pool's own taints. */
export const startNodes = async ({ kube }: SchedulerStage, { pools }: Scenario, nodes: readonly KubeNode[]) => {
  const start = ({ metadata }: KubeNode) => {
    const pool = pools.find((candidate) => candidate.metadata.name === metadata.labels?.[LABEL.pool]);
    const taints = pool?.spec.template.taints ?? [];
    return kube.patch(paths.node(metadata.name), "merge", { spec: { unschedulable: null, taints } });
  };
  await Promise.all(nodes.map(start));
};
