import { type DemandPool, STARTING_FOR_MS, type StartedNode } from "../../demand/view.ts";
import type { KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import { poolSpecOf, readinessTaints } from "../../model/api/pool-spec.ts";
import type { AWSNodeClass, NodePool } from "../../model/api/types.ts";
import type { InstanceTypeFacts } from "../../model/ec2.ts";
import { canReclaim, type InstanceRecord } from "../../model/instance-record.ts";
import { isReady, type KubeNode, type KubePod, type ResourceList } from "../../model/kubernetes/objects.ts";
import { sameTaint } from "../../model/kubernetes/taints.ts";
import { countOverflow } from "../../model/launch-request.ts";
import { LABEL } from "../../model/names.ts";
import type { LaunchCapacity } from "../../model/offering.ts";
import { offeringKey, type UnavailableOfferings } from "../../model/unavailable-offerings.ts";
import { launchCapacityOf, unknownTypes } from "../../nodeclass/offerings.ts";
import type { ReconcilerPorts } from "../ports.ts";

/** What is needed to look. */
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
  readonly marks: UnavailableOfferings;
  /** Undefined for a type that EC2 does not tell of. */
  readonly factsOf: (instanceType: string) => Promise<InstanceTypeFacts | undefined>;
  /** Ids of instances that this turn could not start. */
  readonly unable: ReadonlySet<string>;
  /** Bound pods that do not run yet, by their node. */
  readonly arriving: ReadonlyMap<string | undefined, readonly KubePod[]>;
}

/** Launched for demand, just started or taken back, or still kept shut by the taints that wait for its network: the scheduler has not counted its room. */
const isStarting = (
  { state, stateSince, startedAt = 0, overflow }: InstanceRecord,
  node: KubeNode | undefined,
  shutBy: ReturnType<typeof readinessTaints>,
  now: number,
): boolean => {
  if (state === "warmup") return overflow !== undefined;
  if (state !== "running") return false;
  const shut = node?.spec?.taints?.some((taint) => shutBy.some((other) => sameTaint(taint, other)));
  return now - Math.max(startedAt, stateSince) < STARTING_FOR_MS || shut === true;
};

const capacityOf = (nodes: readonly KubeNode[], nodeClass: AWSNodeClass | undefined): ResourceList | undefined =>
  nodes.find(({ status }) => status?.allocatable)?.status?.allocatable ?? nodeClass?.status?.estimatedAllocatable;

/** While its kubelet is away, all that is bound to a node waits there, and has been read; later, some of it runs. */
const podsOf = async ({ kube, arriving }: ObserveContext, node: KubeNode | undefined): Promise<readonly KubePod[]> => {
  if (!node) return [];
  const { name } = node.metadata;
  if (!isReady(node)) return arriving.get(name) ?? [];
  return kube.list<KubePod>(paths.pods(), { fieldSelector: `spec.nodeName=${name}` });
};

/** Stopped, and not known to be in vain. */
const isStartable = ({ marks, unable }: ObserveContext, record: InstanceRecord): boolean =>
  record.state === "standby" && !marks.has(offeringKey(record)) && !unable.has(record.instanceId ?? "");

/** EC2 is only asked about types that take the place of one without capacity, of which the pool has no node. */
const findLaunchCapacity = async (
  { factsOf }: ObserveContext,
  known: Omit<Parameters<typeof launchCapacityOf>[0], "facts">,
): Promise<LaunchCapacity> => {
  const launchable = launchCapacityOf({ ...known, facts: new Map() });
  const types = unknownTypes(launchable);
  if (types.length === 0) return launchable;
  const found = await Promise.all(types.map(factsOf));
  const facts = new Map(found.flatMap((one) => (one ? [[one.instanceType, one]] : [])));
  return launchCapacityOf({ ...known, facts });
};

export interface ObservedPool {
  readonly pool: DemandPool;
  /** Instances that it has launched for demand so far, by token. */
  readonly overflow: Readonly<Record<string, number>>;
}

export const observeDemandPool = async (look: ObserveContext, nodePool: NodePool): Promise<ObservedPool> => {
  const { ports, kube, cluster, now, marks, classes } = look;
  const { name, uid } = nodePool.metadata;
  const [records, listed] = await Promise.all([
    ports.slots.read({ cluster, pool: name }),
    kube.list<KubeNode>(paths.nodes(), { labelSelector: `${LABEL.pool}=${name}` }),
  ]);
  const nodes = new Map(listed.map((node) => [node.metadata.name, node]));
  const nodeClass = classes.find(({ metadata }) => metadata.name === nodePool.spec.template.nodeClassRef.name);
  const spec = poolSpecOf(nodePool, nodeClass);
  const shutBy = readinessTaints(spec);
  const withNodes = records.map((record) => ({
    record,
    node: record.nodeName === undefined ? undefined : nodes.get(record.nodeName),
  }));
  const withPods = (some: typeof withNodes): Promise<StartedNode[]> =>
    Promise.all(some.map(async ({ record, node }) => ({ record, node, pods: await podsOf(look, node) })));
  const [started, stopping] = await Promise.all([
    withPods(withNodes.filter(({ record, node }) => isStarting(record, node, shutBy, now))),
    withPods(withNodes.filter(({ record, node }) => canReclaim(record, node))),
  ]);
  const pool: DemandPool = {
    name,
    uid,
    spec,
    capacity: capacityOf(listed, nodeClass),
    standby: records.filter((record) => isStartable(look, record)),
    started,
    stopping,
    launchCapacity: await findLaunchCapacity(look, { spec, nodeClass, records, nodes: listed, marks }),
    nodes,
  };
  return { pool, overflow: countOverflow(records) };
};
