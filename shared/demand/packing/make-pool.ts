/** Makes a pool and its nodes ready for packing. */
import type { InstanceRecord } from "../../model/instance-record.ts";
import { sameTaint } from "../../model/kubernetes/taints.ts";
import { TAINT } from "../../model/names.ts";
import { type HostPort, hostPorts } from "../../scheduling/host-ports.ts";
import type { NodeAttributes } from "../../scheduling/node-compatibility.ts";
import type { NodeEquivalenceGroup } from "../nodes/equivalence-groups.ts";
import { expectedLabels } from "../nodes/labels.ts";
import type { InstanceModel, LaunchModel, NodeModel, PoolModels } from "../nodes/node-model.ts";
import type { TopologyDomains } from "../topology/domains.ts";
import type { DemandPool } from "../view.ts";
import type { NodeKind, NodeKindOf } from "./node-kind.ts";
import type { Bucket, PackNode, PackPool } from "./pack-node.ts";
import type { PoolUsage } from "./resource-usage.ts";

export interface NodeIndex {
  readonly equivalenceGroupOf: (attributes: NodeAttributes) => NodeEquivalenceGroup;
  readonly kindOf: NodeKindOf;
  readonly domains: TopologyDomains;
}

/** Ranks: instances that are still running serve at once, the others have to be started. */
const STILL_RUNNING = 0;
const STARTABLE = 1;
const DOUBTFUL = 2;
/** Its type has to be changed first. */
export const RESIZABLE = 3;

/** Equal for nodes of one equivalence group that have the same room. Without pods, a node has all the room of its kind. */
const roomKey = ({ kind, model, free, usedPorts }: PackNode): unknown =>
  model.pods.length === 0 ? kind : `${free.join()} ${JSON.stringify(usedPorts)}`;

/** Groups nodes that are the same to all pods into one bucket. */
const toBuckets = (nodes: readonly PackNode[], rank: number): readonly Bucket[] =>
  [...Map.groupBy(nodes, ({ kind }) => kind.equivalenceGroup).values()].flatMap((members) =>
    [...Map.groupBy(members, roomKey).values()].map((same) => ({
      rank,
      nodes: same,
      maxNodes: same.length,
      selectedCount: 0,
    })),
  );

/** The host ports that DaemonSets and static pods use on the node. */
const reservedPortsOn = ({ daemonSetPods }: NodeEquivalenceGroup, { staticPods }: NodeModel): readonly HostPort[] => [
  ...daemonSetPods.flatMap(({ ports }) => ports),
  ...staticPods.flatMap(({ spec }) => hostPorts(spec)),
];

/** Given that they have the same labels and taints. */
const areOfOneKind = (one: NodeModel, other: NodeModel): boolean =>
  one.size === other.size && one.attachLimits === other.attachLimits && one.staticPods === other.staticPods;

/** Returns a function that finds the kind of a node of the pool. Most nodes are like the last one with the same labels and taints. */
const createKindFor = ({ requests, allocatable }: PoolUsage, { equivalenceGroupOf, kindOf }: NodeIndex) => {
  const last = new Map<NodeEquivalenceGroup, { readonly model: NodeModel; readonly kind: NodeKind }>();
  const describe = (model: NodeModel, equivalenceGroup: NodeEquivalenceGroup): NodeKind =>
    kindOf({
      equivalenceGroup,
      allocatable: allocatable(model, equivalenceGroup),
      requests,
      reservedPorts: reservedPortsOn(equivalenceGroup, model),
      hasStaticPods: model.staticPods.length > 0,
    });
  return (model: NodeModel): NodeKind => {
    const equivalenceGroup = equivalenceGroupOf(model.attributes);
    const known = last.get(equivalenceGroup);
    if (known && areOfOneKind(known.model, model)) return known.kind;
    const kind = describe(model, equivalenceGroup);
    last.set(equivalenceGroup, { model, kind });
    return kind;
  };
};

export const makePool = (pool: DemandPool, models: PoolModels, usage: PoolUsage, index: NodeIndex): PackPool => {
  const { equivalenceGroupOf, domains } = index;
  const made: PackPool = {
    name: pool.name,
    weight: pool.spec.weight,
    inactive: pool.inactive,
    templateGroup: equivalenceGroupOf({
      ...expectedLabels(
        { architecture: pool.template.architecture },
        { ...pool.template.labels, ...pool.spec.template.labels },
      ),
      taints: pool.spec.template.taints,
    }),
    requests: usage.requests,
    kinds: [],
    inFlight: [],
    opened: [],
    standby: [],
    launches: [],
    maxLaunches: pool.launchCapacity.maxNodes,
    selectedNodes: [],
  };

  const kindFor = createKindFor(usage, index);
  const makeNode = (model: InstanceModel | LaunchModel): PackNode => {
    const { attributes, exists, pods } = model;
    const kind = kindFor(model);
    return {
      pool: made,
      model,
      kind,
      attributes,
      exists,
      domains: exists ? domains.of(attributes.labels) : domains.ofNew(attributes.labels),
      free: usage.free(model, kind),
      usedPorts: [...kind.reservedPorts, ...pods.flatMap(({ spec }) => hostPorts(spec))],
    };
  };

  /** One more node like the example, on which nothing has been placed. */
  const another = (example: PackNode): PackNode => ({
    ...example,
    domains: domains.ofNew(example.attributes.labels),
    free: example.free.slice(),
    usedPorts: [...example.usedPorts],
  });

  /** It failed to start before, or waits for a cloud-controller-manager that may not be there. */
  const isDoubtful = ({ startFailures, nodeName = "" }: InstanceRecord): boolean => {
    const taints = pool.nodes.get(nodeName)?.spec?.taints ?? [];
    return startFailures !== undefined || taints.some((taint) => sameTaint(taint, TAINT.uninitialized));
  };

  made.inFlight.push(...models.inFlight.map(makeNode));
  made.opened.push(...models.opened.map(makeNode));
  made.standby.push(
    ...toBuckets(models.stopping.map(makeNode), STILL_RUNNING),
    ...toBuckets(models.standby.filter(({ record }) => !isDoubtful(record)).map(makeNode), STARTABLE),
    ...toBuckets(models.standby.filter(({ record }) => isDoubtful(record)).map(makeNode), DOUBTFUL),
    ...toBuckets(models.resizable.map(makeNode), RESIZABLE),
  );
  // A type is launched only if the types before it cannot take the pods. The zones of one type have one rank, so they are used evenly,
  // except that zones without free addresses come last.
  const types = [...new Set(models.launches.map(({ offering }) => offering.instanceType))];
  made.launches.push(
    ...models.launches.map((model) => {
      const example = makeNode(model);
      return {
        rank: types.indexOf(model.offering.instanceType) + (model.offering.freeAddresses === 0 ? types.length : 0),
        nodes: [],
        maxNodes: Math.min(pool.launchCapacity.maxNodes, model.offering.freeAddresses || pool.launchCapacity.maxNodes),
        selectedCount: 0,
        launch: { example, make: () => another(example) },
      };
    }),
  );
  // In the order in which they are explained: most preferred first.
  const startable = [...made.standby, ...made.launches].flatMap(
    ({ nodes, launch }) => launch?.example ?? nodes[0] ?? [],
  );
  made.kinds.push(...new Set([...startable, ...made.inFlight].map(({ kind }) => kind)));
  return made;
};
