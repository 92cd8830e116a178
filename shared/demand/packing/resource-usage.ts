/** What pods take and what nodes have, in the vectors that packing counts with. */

import { createRequests } from "../../scheduling/pod-request.ts";
import { toAmounts } from "../../scheduling/resource-amount.ts";
import { attachedVolumes, createVectors, take, type Vector, type Vectors } from "../../scheduling/resource-vector.ts";
import { daemonsOn } from "../nodes/daemonset-pods.ts";
import type { Shape } from "../nodes/node-groups.ts";
import type { NodeModel } from "../nodes/node-model.ts";
import type { PodClass } from "../pod-groups.ts";
import type { DemandPool, DemandView } from "../view.ts";
import { volumeNeeds } from "../volumes.ts";

export interface PoolMeasures {
  wanted(pods: PodClass): Vector;
  /** What a node like it has for pods when none but DaemonSets' run there, and what of that is free. */
  room(model: NodeModel, shape: Shape): { readonly whole: Vector; readonly free: Vector };
}

export interface Measures {
  readonly vectors: Vectors;
  /** A pool's defaults count for pods that ask for nothing. */
  of(pool: DemandPool): PoolMeasures;
}

const defaultsOf = ({ spec }: DemandPool): Readonly<Record<string, string>> =>
  spec.scaleUp.defaultPodResources.requests;

const askedNames = (classes: readonly PodClass[], pools: readonly DemandPool[]): readonly string[] => {
  const names = classes.flatMap(({ request, volumes }) => [
    ...(request.asked?.keys() ?? []),
    ...request.overhead.keys(),
    ...Object.keys(volumes.attached).map(attachedVolumes),
  ]);
  const needsDefaults = classes.some(({ request }) => !request.asked);
  return needsDefaults ? [...names, ...pools.flatMap((pool) => Object.keys(defaultsOf(pool)))] : names;
};

export const createMeasures = (classes: readonly PodClass[], view: DemandView): Measures => {
  const vectors = createVectors(askedNames(classes, view.pools));
  const requestOf = createRequests();
  const needsOf = volumeNeeds(view.around);
  const common: Vector[] = [];
  return {
    vectors,
    of: (pool) => {
      const defaults = toAmounts(defaultsOf(pool));
      const own: Vector[] = [];
      return {
        wanted: ({ index, request, volumes }) => {
          const wanted = request.asked ? common : own;
          wanted[index] ??= vectors.ofPod(request, volumes.attached, defaults);
          return wanted[index];
        },
        room: ({ allocatable, attachLimits, pods }, { daemons }) => {
          const whole = vectors.ofNode(allocatable, attachLimits);
          // A node of which nothing is known has its one pod to give, whatever DaemonSets put there.
          const counted = allocatable ? daemons : [];
          for (const { request } of counted) take(whole, vectors.ofPod(request, {}), 1);
          const free = Float64Array.from(whole);
          const present = daemonsOn(pods);
          for (const { owner, request } of counted) if (present.has(owner)) take(free, vectors.ofPod(request, {}), -1);
          for (const pod of pods) take(free, vectors.ofPod(requestOf(pod.spec), needsOf(pod).attached, defaults), 1);
          return { whole, free };
        },
      };
    },
  };
};
