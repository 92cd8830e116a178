/** Everything that packing works on, made from what was seen. */
import { isReady } from "../../model/kubernetes/objects.ts";
import { daemonsOf } from "../nodes/daemonset-pods.ts";
import { createShapes } from "../nodes/node-groups.ts";
import { type AttachLimits, modelsOf } from "../nodes/node-model.ts";
import { looksAtOthers, type PodClass, termsOf } from "../pod-groups.ts";
import { createPlaces, topologyKeysOf } from "../topology/domains.ts";
import { createTopology, NOBODY_LOOKS, type Topology } from "../topology/topology.ts";
import { type DemandPool, type DemandView, heldUntil, type StartedNode } from "../view.ts";
import { makePool } from "./make-pool.ts";
import type { PackPool } from "./pack-node.ts";
import { createMeasures } from "./resource-usage.ts";
import { boundPods, sceneOf } from "./snapshot.ts";

export interface Field {
  readonly pools: readonly PackPool[];
  readonly topology: Topology;
  /** What each number of a vector counts. */
  readonly resources: readonly string[];
}

const holdsDemandBack = ({ record, node }: StartedNode, { spec }: DemandPool, now: number): boolean =>
  now < heldUntil(record, spec) || (node !== undefined && isReady(node));

/** Of nodes on which a driver has told its limit. */
const attachLimits = ({ around }: DemandView): ReadonlyMap<string, AttachLimits> => {
  const limits = new Map<string, AttachLimits>();
  for (const { metadata, spec } of around.csiNodes) {
    const limited = (spec.drivers ?? []).flatMap(({ name, allocatable }): [string, number][] =>
      allocatable?.count === undefined ? [] : [[name, allocatable.count]],
    );
    if (limited.length > 0) limits.set(metadata.name, Object.fromEntries(limited));
  }
  return limits;
};

/** Undefined if no pod looks at another one: neither a pending one, nor a bound one that keeps others away. */
const lookedAtKeys = (view: DemandView, classes: readonly PodClass[]): readonly string[] | undefined => {
  const bound = boundPods(view)
    .filter(({ pod }) => pod.spec.affinity?.podAntiAffinity)
    .map(({ pod }) => ({ ...termsOf(pod.spec), affinity: [], spread: [] }));
  const all = [...classes, ...bound];
  return all.some(looksAtOthers) ? topologyKeysOf(all) : undefined;
};

export const createField = (view: DemandView, classes: readonly PodClass[]): Field => {
  const keys = lookedAtKeys(view, classes);
  const places = createPlaces(keys ?? []);
  const findShape = createShapes(classes, daemonsOf(view.around.daemonSets), keys ?? []);
  const measures = createMeasures(classes, view);
  const limits = attachLimits(view);
  const pools = view.pools.map((pool) => {
    const held = pool.started.filter((started) => holdsDemandBack(started, pool, view.now));
    return makePool(
      pool,
      modelsOf(pool, held, (node) => limits.get(node)),
      measures.of(pool),
      { findShape, places },
    );
  });
  const topology = keys ? createTopology(sceneOf(view, classes, pools, places)) : NOBODY_LOOKS;
  return { pools, topology, resources: measures.vectors.names };
};
