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
import type { NodeKindOf } from "./node-kind.ts";
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

export const makePool = (
  pool: DemandPool,
  models: PoolModels,
  { requests, room }: PoolUsage,
  { equivalenceGroupOf, kindOf, domains }: NodeIndex,
): PackPool => {
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
    requests,
    kinds: [],
    inFlight: [],
    opened: [],
    standby: [],
    launches: [],
    maxLaunches: pool.launchCapacity.maxNodes,
    selectedNodes: [],
  };

  const makeNode = (model: InstanceModel | LaunchModel): PackNode => {
    const { attributes, exists, pods, staticPods } = model;
    const equivalenceGroup = equivalenceGroupOf(attributes);
    const { allocatable, free } = room(model, equivalenceGroup);
    const reservedPorts = reservedPortsOn(equivalenceGroup, model);
    return {
      pool: made,
      model,
      kind: kindOf({ equivalenceGroup, allocatable, requests, reservedPorts, hasStaticPods: staticPods.length > 0 }),
      attributes,
      exists,
      domains: exists ? domains.of(attributes.labels) : domains.ofNew(attributes.labels),
      free,
      usedPorts: [...reservedPorts, ...pods.flatMap(({ spec }) => hostPorts(spec))],
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
