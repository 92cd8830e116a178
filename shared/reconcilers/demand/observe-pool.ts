import { isInFlight } from "../../demand/in-flight.ts";
import { latestInVain, mayBeInVain } from "../../demand/in-vain.ts";
import { mayBeOnStandby } from "../../demand/pending-pod.ts";
import type { DemandPool, StartedNode } from "../../demand/view.ts";
import type { KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import { isShutToPods, type PoolSpec, poolSpecOf } from "../../model/api/pool-spec.ts";
import type { AWSNodeClass, NodePool } from "../../model/api/types.ts";
import type { InstanceTypeFacts } from "../../model/ec2.ts";
import { canReclaim } from "../../model/instance-record.ts";
import { isOnHold, isReady, type KubeNode, type KubePod } from "../../model/kubernetes/objects.ts";
import { countOverflow } from "../../model/launch-request.ts";
import { LABEL } from "../../model/names.ts";
import type { ClassTemplate } from "../../model/offering.ts";
import { offeringKey, type UnavailableOfferings } from "../../model/unavailable-offerings.ts";
import { classTemplateOf } from "../../nodeclass/class-template.ts";
import { launchCapacityOf } from "../../nodeclass/offerings.ts";
import type { ReconcilerPorts } from "../ports.ts";

/** The ports that observing demand needs. */
export interface DemandSources extends Pick<ReconcilerPorts, "kube"> {
  readonly ec2: Pick<ReconcilerPorts["ec2"], "describeInstanceType">;
  readonly slots: Pick<ReconcilerPorts["slots"], "read">;
  readonly unavailableOfferings: Pick<ReconcilerPorts["unavailableOfferings"], "read">;
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
  /** The pods that are demand, by `namespace/name`. */
  readonly demand: ReadonlyMap<string, KubePod>;
  /** Pending pods by node name: those that are bound but do not run yet. */
  readonly pendingByNode: ReadonlyMap<string | undefined, readonly KubePod[]>;
}

/** While a node is not Ready, none of its pods runs, so they are all among the pending pods. Once it is Ready, they are listed. */
const podsOf = async (
  { kube, pendingByNode }: ObserveContext,
  node: KubeNode | undefined,
): Promise<readonly KubePod[]> => {
  if (!node) return [];
  const { name } = node.metadata;
  if (!isReady(node)) return pendingByNode.get(name) ?? [];
  return kube.list<KubePod>(paths.pods(), { fieldSelector: `spec.nodeName=${name}` });
};

/** Standby that nobody keeps on hold, and not known to be impossible to start. */
const isStartable = (
  { unavailableOfferings, unstartable }: ObserveContext,
  { record, node }: Pick<StartedNode, "record" | "node">,
): boolean =>
  record.state === "standby" &&
  !isOnHold(node) &&
  !unavailableOfferings.has(offeringKey(record)) &&
  !unstartable.has(record.instanceId ?? "");

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

/** Each takes a list of its pods. Others are looked at next time. */
const MAX_OPENED = 20;

/** Nodes that are open to pods and not in flight any more, although pods that they were started for still wait. */
const openedInVain = (
  { demand, now }: ObserveContext,
  spec: PoolSpec,
  instances: readonly Pick<StartedNode, "record" | "node">[],
): readonly Pick<StartedNode, "record" | "node">[] => {
  const startsInVain = latestInVain(
    instances.flatMap(({ record }) => record.startsInVain ?? []),
    now,
  );
  return instances
    .filter(({ record, node }) => record.state === "running" && isOpen(node, spec))
    .filter(({ record }) => mayBeInVain(record, demand, startsInVain))
    .slice(0, MAX_OPENED);
};

export interface ObservedPool {
  readonly pool: DemandPool;
  /** The number of instances that the pool has launched for demand so far, by launch token. */
  readonly overflow: Readonly<Record<string, number>>;
}

const inactivity = ({ paused, dryRun }: PoolSpec): DemandPool["inactive"] => {
  if (dryRun) return "dry run";
  return paused ? "paused" : undefined;
};

export const observeDemandPool = async (context: ObserveContext, nodePool: NodePool): Promise<ObservedPool> => {
  const { ports, kube, cluster, now, unavailableOfferings, classes } = context;
  const { name, uid } = nodePool.metadata;
  const [records, listed] = await Promise.all([
    ports.slots.read({ cluster, pool: name }),
    kube.list<KubeNode>(paths.nodes(), { labelSelector: `${LABEL.pool}=${name}` }),
  ]);
  const nodes = new Map(listed.map((node) => [node.metadata.name, node]));
  const nodeClass = classes.find(({ metadata }) => metadata.name === nodePool.spec.template.nodeClassRef.name);
  const spec = poolSpecOf(nodePool, nodeClass);
  const withNodes = records.map((record) => ({
    record,
    node: record.nodeName === undefined ? undefined : nodes.get(record.nodeName),
  }));
  const withPods = (some: readonly Pick<StartedNode, "record" | "node">[]): Promise<StartedNode[]> =>
    Promise.all(some.map(async ({ record, node }) => ({ record, node, pods: await podsOf(context, node) })));
  const inactive = inactivity(spec);
  const active = inactive === undefined ? withNodes : [];
  const startable = active.filter((instance) => isStartable(context, instance));
  const occupied = startable.flatMap(({ record, node }): StartedNode[] => {
    const pods = (context.pendingByNode.get(record.nodeName) ?? []).filter(mayBeOnStandby);
    return pods.length > 0 ? [{ record, node, pods }] : [];
  });
  const launchCapacity = inactive
    ? { maxNodes: 0, offerings: [] }
    : launchCapacityOf({ spec, nodeClass, records, unavailable: unavailableOfferings });
  const template = await findTemplate(context, nodeClass, [...records, ...launchCapacity.offerings]);
  // Nothing is carried out in a dry run, so its nodes do not open.
  const opening = inactive === "dry run" ? [] : withNodes;
  const inFlight = opening.filter(({ record, node }) =>
    isInFlight(record, node, spec, template.estimates.get(record.instanceType), now),
  );
  const others = withNodes.filter((instance) => !inFlight.includes(instance));
  const [started, opened, stopping] = await Promise.all([
    withPods(inFlight),
    withPods(openedInVain(context, spec, others)),
    withPods(active.filter(({ record, node }) => canReclaim(record, node))),
  ]);
  const pool: DemandPool = {
    name,
    uid,
    spec,
    inactive,
    template,
    standby: startable
      .filter(({ record }) => !occupied.some((other) => other.record === record))
      .map(({ record }) => record),
    occupied,
    started,
    opened,
    startsInVain: records.flatMap(({ startsInVain = [] }) => startsInVain),
    stopping,
    launchCapacity,
    nodes,
  };
  return { pool, overflow: countOverflow(records) };
};
