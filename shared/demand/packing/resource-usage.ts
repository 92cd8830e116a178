/** What pods take and what nodes have, in the vectors that packing counts with. */

import { createRequests } from "../../scheduling/pod-request.ts";
import { toAmounts } from "../../scheduling/resource-amount.ts";
import {
  attachedVolumes,
  createVectors,
  subtract,
  type Vector,
  type Vectors,
} from "../../scheduling/resource-vector.ts";
import { daemonSetsOn } from "../nodes/daemonset-pods.ts";
import type { NodeEquivalenceGroup } from "../nodes/node-groups.ts";
import type { NodeModel } from "../nodes/node-model.ts";
import type { PodGroup } from "../pod-groups.ts";
import type { DemandPool, DemandView } from "../view.ts";
import { volumeNeeds } from "../volumes.ts";

export interface PoolUsage {
  requests(pods: PodGroup): Vector;
  /** What a node like it has for pods when none but DaemonSets' run there, and what of that is free. */
  room(model: NodeModel, group: NodeEquivalenceGroup): { readonly allocatable: Vector; readonly free: Vector };
}

export interface ResourceUsage {
  readonly vectors: Vectors;
  /** A pool's defaults count for pods that ask for nothing. */
  of(pool: DemandPool): PoolUsage;
}

const defaultsOf = ({ spec }: DemandPool): Readonly<Record<string, string>> =>
  spec.scaleUp.defaultPodResources.requests;

const askedNames = (groups: readonly PodGroup[], pools: readonly DemandPool[]): readonly string[] => {
  const names = groups.flatMap(({ request, volumes }) => [
    ...(request.asked?.keys() ?? []),
    ...request.overhead.keys(),
    ...Object.keys(volumes.attached).map(attachedVolumes),
  ]);
  const needsDefaults = groups.some(({ request }) => !request.asked);
  return needsDefaults ? [...names, ...pools.flatMap((pool) => Object.keys(defaultsOf(pool)))] : names;
};

export const createResourceUsage = (groups: readonly PodGroup[], view: DemandView): ResourceUsage => {
  const vectors = createVectors(askedNames(groups, view.pools));
  const requestOf = createRequests();
  const needsOf = volumeNeeds(view.context);
  const common: Vector[] = [];
  return {
    vectors,
    of: (pool) => {
      const defaults = toAmounts(defaultsOf(pool));
      const own: Vector[] = [];
      return {
        requests: ({ index, request, volumes }) => {
          const requests = request.asked ? common : own;
          requests[index] ??= vectors.ofPod(request, volumes.attached, defaults);
          return requests[index];
        },
        room: ({ allocatable: observed, attachLimits, pods }, { daemonSetPods }) => {
          const allocatable = vectors.ofNode(observed, attachLimits);
          // A node of which nothing is known has its one pod to give, whatever DaemonSets put there.
          const counted = observed ? daemonSetPods : [];
          for (const { request } of counted) subtract(allocatable, vectors.ofPod(request, {}), 1);
          const free = Float64Array.from(allocatable);
          const present = daemonSetsOn(pods);
          for (const { owner, request } of counted)
            if (present.has(owner)) subtract(free, vectors.ofPod(request, {}), -1);
          for (const pod of pods)
            subtract(free, vectors.ofPod(requestOf(pod.spec), needsOf(pod).attached, defaults), 1);
          return { allocatable, free };
        },
      };
    },
  };
};
