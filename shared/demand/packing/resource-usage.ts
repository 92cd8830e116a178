/** What pods request and what nodes have, as the vectors that packing calculates with. */

import { isDaemonSetPod, isStaticPod } from "../../model/kubernetes/pods.ts";
import { createPodRequestCache } from "../../scheduling/pod-request.ts";
import { type Amounts, toAmounts } from "../../scheduling/resource-amount.ts";
import {
  attachedVolumes,
  createVectors,
  subtract,
  type Vector,
  type Vectors,
} from "../../scheduling/resource-vector.ts";
import { createDeviceRequests, deviceResources, withDevices } from "../device-requests.ts";
import { daemonSetOwnersOf } from "../nodes/daemonset-pods.ts";
import type { NodeEquivalenceGroup } from "../nodes/equivalence-groups.ts";
import type { NodeModel } from "../nodes/node-model.ts";
import type { PodGroup } from "../pod-groups.ts";
import type { DemandPool, DemandView } from "../view.ts";
import { createVolumeRequirements } from "../volumes.ts";
import type { NodeKind } from "./node-kind.ts";

export interface PoolUsage {
  /** The same function for pools with equal defaults, see `requests` of PackPool. */
  readonly requests: (group: PodGroup) => Vector;
  /** What such a node has for pods on top of its DaemonSets' pods and static pods. */
  allocatable(model: NodeModel, equivalenceGroup: NodeEquivalenceGroup): Vector;
  /** How much of that is free. */
  free(model: NodeModel, kind: NodeKind): Vector;
}

export interface ResourceUsage {
  readonly vectors: Vectors;
  /** The pool's defaults apply to pods without requests. */
  of(pool: DemandPool): PoolUsage;
}

const defaultsOf = ({ spec }: DemandPool): Readonly<Record<string, string>> =>
  spec.scaleUp.defaultPodResources.requests;

const requestedNames = (groups: readonly PodGroup[], pools: readonly DemandPool[]): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const { request, volumes } of groups) {
    for (const name of request.requests?.keys() ?? []) names.add(name);
    for (const name of request.overhead.keys()) names.add(name);
    for (const driver of Object.keys(volumes.attached)) names.add(attachedVolumes(driver));
  }
  if (groups.every(({ request }) => request.requests)) return names;
  for (const name of pools.flatMap((pool) => Object.keys(defaultsOf(pool)))) names.add(name);
  return names;
};

export const createResourceUsage = (groups: readonly PodGroup[], view: DemandView): ResourceUsage => {
  const vectors = createVectors(requestedNames(groups, view.pools), deviceResources(view.context));
  const requestOf = createPodRequestCache();
  const volumesOf = createVolumeRequirements(view.context);
  const devicesOf = createDeviceRequests(view.context, []);
  const commonRequests: Vector[] = [];
  const requestsWith = (defaults: Amounts): PoolUsage["requests"] => {
    const defaultRequests: Vector[] = [];
    return ({ index, request, volumes }) => {
      const known = request.requests ? commonRequests : defaultRequests;
      known[index] ??= vectors.ofPod(request, volumes.attached, defaults);
      return known[index];
    };
  };
  const requestsByDefaults = new Map<string, PoolUsage["requests"]>();
  const allHaveRequests = groups.every(({ request }) => request.requests);
  return {
    vectors,
    of: (pool) => {
      const defaults = toAmounts(defaultsOf(pool));
      const key = allHaveRequests ? "" : JSON.stringify([...defaults]);
      const requests = requestsByDefaults.get(key) ?? requestsWith(defaults);
      requestsByDefaults.set(key, requests);
      return {
        requests,
        allocatable: ({ size, attachLimits, staticPods }, { daemonSetPods }) => {
          const allocatable = vectors.ofNode(size, attachLimits);
          // A node of unknown size takes one pod, whatever DaemonSets run there.
          if (!size) return allocatable;
          for (const { request } of daemonSetPods) subtract(allocatable, vectors.ofPod(request, {}), 1);
          for (const { spec } of staticPods) subtract(allocatable, vectors.ofPod(requestOf(spec), {}), 1);
          return allocatable;
        },
        free: ({ size, pods }, { allocatable, equivalenceGroup }) => {
          const free = allocatable.slice();
          if (pods.length === 0) return free;
          const present = daemonSetOwnersOf(pods);
          for (const { owner, request } of size ? equivalenceGroup.daemonSetPods : [])
            if (present.has(owner)) subtract(free, vectors.ofPod(request, {}), -1);
          for (const pod of pods)
            subtract(
              free,
              // The defaults are for pods whose nodes are planned; a DaemonSet's or a static pod takes what it requests.
              vectors.ofPod(
                withDevices(requestOf(pod.spec), devicesOf(pod)),
                volumesOf(pod).attached,
                isDaemonSetPod(pod) || isStaticPod(pod) ? undefined : defaults,
              ),
              1,
            );
          return free;
        },
      };
    },
  };
};
