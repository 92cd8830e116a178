/** A pool's nodes, ready to be packed. */
import { hostPorts } from "../../scheduling/host-ports.ts";
import type { NodeAttributes } from "../../scheduling/node-compatibility.ts";
import { templateLabels } from "../nodes/labels.ts";
import type { NodeEquivalenceGroup } from "../nodes/node-groups.ts";
import type { InstanceModel, LaunchModel, PoolModels } from "../nodes/node-model.ts";
import type { TopologyDomains } from "../topology/domains.ts";
import type { DemandPool } from "../view.ts";
import type { Bucket, PackNode, PackPool } from "./pack-node.ts";
import type { PoolUsage } from "./resource-usage.ts";

export interface NodeIndex {
  readonly groupOf: (attributes: NodeAttributes) => NodeEquivalenceGroup;
  readonly domains: TopologyDomains;
}

/** Nodes that still run are there at once; the others have to be started. */
const STILL_RUNNING = 0;
const STARTABLE = 1;

/** Nodes that are alike for all pods go into one bucket. */
const toBuckets = (nodes: readonly PackNode[], rank: number): readonly Bucket[] =>
  [...Map.groupBy(nodes, ({ group }) => group).values()].flatMap((ofShape) =>
    [...Map.groupBy(ofShape, ({ free, ports }) => JSON.stringify([...free, ports])).values()].map((alike) => ({
      rank,
      nodes: alike,
      most: alike.length,
      taken: 0,
    })),
  );

export const makePool = (
  pool: DemandPool,
  models: PoolModels,
  { requests, room }: PoolUsage,
  { groupOf, domains }: NodeIndex,
): PackPool => {
  const made: PackPool = {
    name: pool.name,
    weight: pool.spec.weight,
    bareGroup: groupOf({ ...templateLabels({}, pool.spec.template.labels), taints: pool.spec.template.taints }),
    requests,
    inFlight: [],
    standby: [],
    launches: [],
    mostLaunches: pool.launchCapacity.maxNodes,
    taken: [],
  };

  const makeNode = (model: InstanceModel | LaunchModel): PackNode => {
    const { attributes, exists, pods } = model;
    const group = groupOf(attributes);
    return {
      pool: made,
      model,
      group,
      attributes,
      exists,
      domains: exists ? domains.of(attributes.labels) : domains.ofNew(attributes.labels),
      ...room(model, group),
      ports: [...group.daemonSetPods.flatMap(({ ports }) => ports), ...pods.flatMap(({ spec }) => hostPorts(spec))],
    };
  };

  made.inFlight.push(...models.inFlight.map(makeNode));
  made.standby.push(
    ...toBuckets(models.stopping.map(makeNode), STILL_RUNNING),
    ...toBuckets(models.standby.map(makeNode), STARTABLE),
  );
  // An instance type is launched only where those before it cannot take the pods; the zones of one type are used evenly.
  const types = [...new Set(models.launches.map(({ offering }) => offering.instanceType))];
  made.launches.push(
    ...models.launches.map((model) => ({
      rank: types.indexOf(model.offering.instanceType),
      nodes: [],
      most: pool.launchCapacity.maxNodes,
      taken: 0,
      launch: { like: makeNode(model), make: () => makeNode(model) },
    })),
  );
  return made;
};
