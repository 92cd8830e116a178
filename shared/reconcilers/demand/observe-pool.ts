import { planCapacity } from "../../capacity/plan-capacity.ts";
import { isInFlight } from "../../demand/in-flight.ts";
import { latestInVain, mayBeInVain } from "../../demand/in-vain.ts";
import { mayBeOnStandby } from "../../demand/pending-pod.ts";
import type { DemandPool, InstanceWithNode, StartedNode } from "../../demand/view.ts";
import type { KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import { isShutToPods, type PoolSpec, poolSpecOf } from "../../model/api/pool-spec.ts";
import type { AWSNodeClass, NodePool } from "../../model/api/types.ts";
import type { InstanceTypeFacts } from "../../model/ec2.ts";
import { canReclaim, type InstanceRecord, resizedTo } from "../../model/instance-record.ts";
import { isOnHold, isReady, type KubeNode, type KubePod } from "../../model/kubernetes/objects.ts";
import type { LaunchConfig } from "../../model/launch-config.ts";
import { countOverflow, type LaunchRequest } from "../../model/launch-request.ts";
import { LABEL } from "../../model/names.ts";
import type { ClassTemplate } from "../../model/offering.ts";
import type { SpotNotice } from "../../model/spot-notice.ts";
import type { UnavailableOfferings } from "../../model/unavailable-offerings.ts";
import { classTemplateOf } from "../../nodeclass/class-template.ts";
import { launchConfigOf } from "../../nodeclass/launch-config.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { observeResizable, type Resizable } from "./observe-resizable.ts";
import type { StaticPodsOf } from "./static-pods.ts";

/** The ports that observing demand needs. */
export interface DemandSources extends Pick<ReconcilerPorts, "kube"> {
  readonly ec2: Pick<ReconcilerPorts["ec2"], "describeInstanceType" | "describeHardware">;
  readonly poolItems: Pick<ReconcilerPorts["poolItems"], "read">;
  readonly unavailableOfferings: Pick<ReconcilerPorts["unavailableOfferings"], "read">;
  readonly spotNotices: Pick<ReconcilerPorts["spotNotices"], "read">;
}

export interface ObserveContext {
  readonly ports: DemandSources;
  readonly kube: KubeClient;
  readonly cluster: string;
  readonly now: number;
  readonly classes: readonly AWSNodeClass[];
  readonly unavailableOfferings: UnavailableOfferings;
  /** Undefined if EC2 did not describe the type. */
  readonly factsOf: (instanceType: string) => Promise<InstanceTypeFacts | undefined>;
  /** Ids of instances that this reconcile could not start. */
  readonly unstartable: ReadonlySet<string>;
  readonly staticPodsOf: StaticPodsOf;
  /** The pods that are demand, by `namespace/name`. */
  readonly demand: ReadonlyMap<string, KubePod>;
  /** EC2's notices about spot instances, by instance id. */
  readonly notices: ReadonlyMap<string, SpotNotice>;
  /** Pending pods by node name: those that are bound but do not run yet. */
  readonly pendingByNode: ReadonlyMap<string | undefined, readonly KubePod[]>;
}

/** Standby that nobody keeps on hold, and not known to be impossible to start. */
const isStartable = ({ unstartable }: ObserveContext, { record, node }: InstanceWithNode): boolean =>
  record.state === "standby" && !isOnHold(node) && !unstartable.has(record.instanceId ?? "");

const launchFrom = (nodeClass: AWSNodeClass | undefined): LaunchConfig | undefined => {
  const readiness = nodeClass && launchConfigOf(nodeClass);
  return readiness?.kind === "ready" ? readiness.launch : undefined;
};

/** Asks EC2 only for types that the class's status has no estimate of: those that replace a type without capacity. */
const findTemplate = async (
  { factsOf }: ObserveContext,
  nodeClass: AWSNodeClass | undefined,
  machines: readonly { readonly instanceType: string }[],
): Promise<ClassTemplate> => {
  const { estimates } = classTemplateOf(nodeClass, new Map());
  const types = new Set(machines.map(({ instanceType }) => instanceType).filter((type) => !estimates.has(type)));
  const described = await Promise.all([...types].map(factsOf));
  return classTemplateOf(
    nodeClass,
    new Map(described.flatMap((facts) => (facts ? [[facts.instanceType, facts]] : []))),
  );
};

const isOpen = (node: KubeNode | undefined, spec: PoolSpec): boolean =>
  node !== undefined && isReady(node) && !node.spec?.unschedulable && !isShutToPods(node, spec);

/** Nodes that are open to pods and not in flight any more, although pods that they were started for still wait. */
const openedInVain = (
  { demand, now }: ObserveContext,
  spec: PoolSpec,
  instances: readonly InstanceWithNode[],
): readonly InstanceWithNode[] => {
  const startsInVain = latestInVain(
    instances.flatMap(({ record }) => record.startsInVain ?? []),
    now,
  );
  return instances
    .filter(({ record, node }) => record.state === "running" && isOpen(node, spec))
    .filter(({ record }) => mayBeInVain(record, demand, startsInVain));
};

export interface ObservedPool {
  readonly pool: DemandPool;
  /** The number of instances that the pool has launched for demand so far, by launch token. */
  readonly overflow: Readonly<Record<string, number>>;
  /** An earlier request for launches that it has not fulfilled yet. */
  readonly request: LaunchRequest | undefined;
}

/** A pool of which everything is observed but the pods of these nodes, so that the pods of all pools are listed at once. */
export interface PoolWithoutPods {
  readonly nodesToList: readonly string[];
  /** Nodes that EC2 interrupts, by name. They are among `nodesToList`. */
  readonly interrupted: ReadonlyMap<string, SpotNotice>;
  /** Of running nodes that are no longer in flight. */
  readonly openRecords: readonly InstanceRecord[];
  withPods(listed: ReadonlyMap<string | undefined, readonly KubePod[]>): ObservedPool;
}

const inactivity = ({ paused, dryRun }: PoolSpec): DemandPool["inactive"] => {
  if (dryRun) return "dry run";
  return paused ? "paused" : undefined;
};

/** Whether pods that found no room can only wait for others to end. An instance that a person keeps from being started is no help to them. */
const isPoolFull = ({ poolSize }: PoolSpec, machines: readonly InstanceWithNode[]): boolean =>
  machines.length >= poolSize &&
  !machines.some(
    ({ record: { state, overflow }, node }) =>
      state === "stopping" ||
      (state === "warmup" && overflow === undefined) ||
      (state === "standby" && !isOnHold(node)),
  );

const joinNodes = (
  records: readonly InstanceRecord[],
  nodes: ReadonlyMap<string, KubeNode>,
): readonly InstanceWithNode[] =>
  records.map((record) => ({ record, node: record.nodeName === undefined ? undefined : nodes.get(record.nodeName) }));

/** With the pods that are bound to it although it is stopped. */
const withBoundPods =
  ({ pendingByNode }: ObserveContext) =>
  (machine: InstanceWithNode): StartedNode => ({
    ...machine,
    pods: (pendingByNode.get(machine.record.nodeName) ?? []).filter(mayBeOnStandby),
  });

const noticeOf = ({ notices }: ObserveContext, { record }: InstanceWithNode): SpotNotice | undefined =>
  notices.get(record.instanceId ?? "");

const interruptedNodes = (
  context: ObserveContext,
  machines: readonly InstanceWithNode[],
): ReadonlyMap<string, SpotNotice> =>
  new Map(
    machines.flatMap((machine) => {
      const notice = noticeOf(context, machine);
      return notice && machine.record.nodeName !== undefined ? [[machine.record.nodeName, notice] as const] : [];
    }),
  );

const hasPods = ({ pods }: StartedNode): boolean => pods.length > 0;

/** Bound pods can run nowhere else, so their nodes are the last that a limit on changes of type leaves out. */
const podsFirst = (standby: readonly StartedNode[]): readonly StartedNode[] => [
  ...standby.filter(hasPods),
  ...standby.filter((node) => !hasPods(node)),
];

const asResized = ({ record, instanceType, ...standby }: Resizable): StartedNode => ({
  ...standby,
  record: resizedTo(record, instanceType),
});

export const observeDemandPool = async (context: ObserveContext, nodePool: NodePool): Promise<PoolWithoutPods> => {
  const { ports, kube, cluster, now, unavailableOfferings, classes, pendingByNode } = context;
  const { name, uid } = nodePool.metadata;
  const [{ records, request }, listed] = await Promise.all([
    ports.poolItems.read({ cluster, pool: name }),
    kube.list<KubeNode>(paths.nodes(), { labelSelector: `${LABEL.pool}=${name}` }),
  ]);
  const nodes = new Map(listed.map((node) => [node.metadata.name, node]));
  const nodeClass = classes.find(({ metadata }) => metadata.name === nodePool.spec.template.nodeClassRef.name);
  const spec = poolSpecOf(nodePool, nodeClass);
  const machines = joinNodes(records, nodes);
  const inactive = inactivity(spec);
  const active = inactive === undefined ? machines : [];
  const capacity = planCapacity({
    spec,
    launch: inactive ? undefined : launchFrom(nodeClass),
    records,
    standby: podsFirst(active.filter((machine) => isStartable(context, machine)).map(withBoundPods(context))),
    unavailable: unavailableOfferings,
    now,
  });
  const resizable = await observeResizable(context, nodeClass, capacity.resize);
  const [template, staticPods] = await Promise.all([
    findTemplate(context, nodeClass, [...records, ...resizable, ...capacity.launch.offerings]),
    context.staticPodsOf(cluster, machines, now),
  ]);
  // Nothing is carried out in a dry run, so its nodes do not open.
  const opening = inactive === "dry run" ? [] : machines;
  const staying = opening.filter((machine) => noticeOf(context, machine) === undefined);
  const inFlight = staying.filter(({ record, node }) =>
    isInFlight(record, node, spec, template.estimates.get(record.instanceType), now),
  );
  const others = machines.filter((machine) => !inFlight.includes(machine) && noticeOf(context, machine) === undefined);
  const opened = openedInVain(context, spec, others);
  const stopping = inactive ? [] : others.filter(({ record, node }) => canReclaim(record, node));
  const held = machines.filter(({ record, node }) => record.state === "standby" && isOnHold(node));
  const withPods: PoolWithoutPods["withPods"] = (listedPods) => {
    // While a node is not Ready, none of its pods runs, so they are all among the pending pods.
    const add = ({ record, node }: InstanceWithNode): StartedNode => {
      const pods = isReady(node) ? listedPods : pendingByNode;
      return { record, node, pods: (node && pods.get(node.metadata.name)) ?? [] };
    };
    const pool: DemandPool = {
      name,
      uid,
      spec,
      inactive,
      template,
      standby: capacity.start.filter((node) => !hasPods(node)).map(({ record }) => record),
      resizable: resizable.filter((node) => !hasPods(node)),
      occupied: [...capacity.start, ...resizable.map(asResized)].filter(hasPods),
      onHold: held.map(withBoundPods(context)).filter(hasPods),
      started: inFlight.map(add),
      opened: opened.map(add),
      startsInVain: records.flatMap(({ startsInVain = [] }) => startsInVain),
      stopping: stopping.map(add),
      isFull: isPoolFull(spec, machines),
      launchCapacity: capacity.launch,
      staticPods,
      nodes,
    };
    return { pool, overflow: countOverflow(records), request };
  };
  const readyNodes = [...inFlight, ...opened, ...stopping].map(({ node }) => node).filter(isReady);
  const interrupted = interruptedNodes(context, machines);
  return {
    nodesToList: [...readyNodes.flatMap((node) => node?.metadata.name ?? []), ...interrupted.keys()],
    interrupted,
    openRecords: others.filter(({ record }) => record.state === "running").map(({ record }) => record),
    withPods,
  };
};
