/** A pool's nodes, ready to be packed. */
import { hostPorts } from "../../scheduling/host-ports.ts";
import type { NodeFace } from "../../scheduling/node-compatibility.ts";
import { templateLabels } from "../nodes/labels.ts";
import type { Shape } from "../nodes/node-groups.ts";
import type { InstanceModel, LaunchModel, PoolModels } from "../nodes/node-model.ts";
import type { Places } from "../topology/domains.ts";
import type { DemandPool } from "../view.ts";
import type { Bucket, PackNode, PackPool } from "./pack-node.ts";
import type { PoolMeasures } from "./resource-usage.ts";

export interface Survey {
  readonly findShape: (face: NodeFace) => Shape;
  readonly places: Places;
}

/** Nodes that still run are there at once; the others have to be started. */
const STILL_RUNNING = 0;
const ASLEEP = 1;

/** Nodes that are alike for all pods go into one bucket. */
const toBuckets = (nodes: readonly PackNode[], rank: number): readonly Bucket[] =>
  [...Map.groupBy(nodes, ({ shape }) => shape).values()].flatMap((ofShape) =>
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
  { wanted, room }: PoolMeasures,
  { findShape, places }: Survey,
): PackPool => {
  const made: PackPool = {
    name: pool.name,
    weight: pool.spec.weight,
    bare: findShape({ ...templateLabels({}, pool.spec.template.labels), taints: pool.spec.template.taints }),
    wanted,
    held: [],
    standby: [],
    launches: [],
    mostLaunches: pool.launchable.most,
    taken: [],
  };

  const makeNode = (model: InstanceModel | LaunchModel): PackNode => {
    const { face, exists, pods } = model;
    const shape = findShape(face);
    return {
      pool: made,
      model,
      shape,
      face,
      exists,
      places: exists ? places.of(face.labels) : places.ofNew(face.labels),
      ...room(model, shape),
      ports: [...shape.daemons.flatMap(({ ports }) => ports), ...pods.flatMap(({ spec }) => hostPorts(spec))],
    };
  };

  made.held.push(...models.held.map(makeNode));
  made.standby.push(
    ...toBuckets(models.stopping.map(makeNode), STILL_RUNNING),
    ...toBuckets(models.standby.map(makeNode), ASLEEP),
  );
  // An instance type is launched only where those before it cannot take the pods; the zones of one type are used evenly.
  const types = [...new Set(models.launches.map(({ offer }) => offer.instanceType))];
  made.launches.push(
    ...models.launches.map((model) => ({
      rank: types.indexOf(model.offer.instanceType),
      nodes: [],
      most: pool.launchable.most,
      taken: 0,
      launch: { like: makeNode(model), make: () => makeNode(model) },
    })),
  );
  return made;
};
