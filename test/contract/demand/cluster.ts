/** A random cluster on the stage, as the demand reconciler reads it. */
import type { DemandPlan } from "../../../shared/demand/plan.ts";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { KubeClient } from "../../../shared/kube/client.ts";
import { paths } from "../../../shared/kube/paths.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { podName } from "../../../shared/model/kubernetes/pods.ts";
import { createObserveDemand } from "../../../shared/reconcilers/demand/observe.ts";
import { aHardware } from "../../shared/capacity/builders.ts";
import { createWorld } from "../../shared/reconcilers/world.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { factsOf, type Machine } from "./machines.ts";
import { agentsOn, driversOn, initialNodes, type Scenario } from "./scenario.ts";
import { deleteHeldClaims } from "./storage.ts";

export interface Cluster {
  readonly kube: KubeClient;
  readonly fleet: Fleet;
  /** Resolves once the scheduler has processed all earlier writes. */
  settle(): Promise<void>;
  /** Creates the scenario's objects. Pods that the scheduler preempts come back as pending ones, as their controllers would recreate them. */
  setUp(): Promise<void>;
  /** Those of DaemonSets are not among them. */
  pods(): Promise<readonly KubePod[]>;
  /** As it was before it was created: the API server would reject it as it returns it. */
  original(name: string): KubePod | undefined;
  /** The plan that the demand reconciler makes from what it observes. */
  plan(): Promise<DemandPlan | undefined>;
  /** Makes the machines' nodes open to pods. */
  open(machines: readonly Machine[]): Promise<void>;
}

const podsOf = ({ metadata: { namespace = "" } }: KubePod) => paths.podsIn(namespace);

const createObjects = async (kube: KubeClient, scenario: Scenario): Promise<void> => {
  const { place, kinds, daemonSets, storage, bound } = scenario;
  const nodes = initialNodes(scenario);
  const drivers = nodes.flatMap((node) => driversOn(scenario, node));
  await Promise.all([
    ...kinds.map(async ({ nodeClass }) => {
      await kube.create(paths.nodeClasses(), nodeClass);
      await kube.patch(paths.nodeClassStatus(nodeClass.metadata.name), "merge", { status: nodeClass.status });
    }),
    ...kinds.map(({ pool }) => kube.create(paths.nodePools(), pool)),
    ...daemonSets.map((one) => kube.create(`/apis/apps/v1/namespaces/${place.system}/daemonsets`, one)),
    ...nodes.map((node) => kube.create(paths.nodes(), node)),
    ...[...storage, ...drivers].map(({ path, object }) => kube.create(path, object)),
  ]);
  const agents = nodes.flatMap((node) => agentsOn(scenario, node));
  await Promise.all([...agents, ...bound].map((pod) => kube.create(podsOf(pod), pod)));
  await deleteHeldClaims(kube, storage);
};

const unbound = ({ metadata, spec: { nodeName: _, ...spec } }: KubePod): KubePod => ({ metadata, spec });

/** Uncordons the node that the machine has, which reports its size anew, or registers one. */
const openNode = async (kube: KubeClient, scenario: Scenario, { node, stopped }: Machine): Promise<void> => {
  const { name, labels } = node.metadata;
  if (stopped) {
    const spec = { unschedulable: null, taints: node.spec?.taints ?? [] };
    if (stopped.status !== node.status)
      await kube.patch(`${paths.node(name)}/status`, "merge", { status: node.status });
    await kube.patch(paths.node(name), "merge", { metadata: { labels }, spec });
    return;
  }
  await Promise.all(driversOn(scenario, node).map(({ path, object }) => kube.create(path, object)));
  await Promise.all(agentsOn(scenario, node).map((pod) => kube.create(podsOf(pod), pod)));
  await kube.create(paths.nodes(), node);
};

export const createCluster = (kube: KubeClient, scenario: Scenario, settle: () => Promise<void>): Cluster => {
  const { place, bound, pending, unavailable } = scenario;
  const originals = new Map([...pending, ...bound.map(unbound)].map((pod) => [podName(pod), pod]));
  const fleet = createFleet(scenario);
  const { ports } = createWorld();

  const pods = async () => {
    const all = await kube.list<KubePod>(paths.pods());
    return all.filter(({ metadata }) => metadata.namespace !== place.system);
  };

  return {
    kube,
    fleet,
    settle,
    pods,
    original: (name) => originals.get(name),
    setUp: async () => {
      await createObjects(kube, scenario);
      await settle();
      for (const pod of pending) await kube.create(podsOf(pod), pod);
      await settle();
      const found = new Set((await pods()).map(podName));
      for (const [name, pod] of originals) if (!found.has(name)) await kube.create(podsOf(pod), pod);
      await settle();
    },
    plan: async () => {
      const now = Date.now();
      const observe = createObserveDemand({
        ...ports,
        ec2: {
          describeInstanceType: async (instanceType) => factsOf(instanceType),
          describeHardware: async (ids) => ids.map((instanceId) => aHardware({ instanceId })),
        },
        kube: async () => kube,
        poolItems: {
          read: async ({ pool }) => ({
            records: [...fleet.recordsOf(pool, now)],
            request: undefined,
            warmupFailures: undefined,
          }),
        },
        spotNotices: { read: async () => [] },
        unavailableOfferings: { read: async () => new Map([...unavailable].map((key) => [key, now + 1])) },
      });
      const observed = await observe("test", now, new Set());
      return observed && planDemand(observed.view);
    },
    open: async (machines) => {
      for (const machine of machines) fleet.setOpen(machine);
      await Promise.all(machines.map((machine) => openNode(kube, scenario, machine)));
    },
  };
};
