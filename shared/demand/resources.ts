/** What a pod takes of a node and what a node has, counted as the scheduler does. */
import { parseQuantity, type Quantity } from "../api/quantity.ts";
import type { Container, KubePod, ResourceList } from "../kube/objects.ts";

/** Billionths of a unit by resource name; the pod itself is one of `pods`. */
export type Resources = ReadonlyMap<string, Quantity>;

const ONE = 1_000_000_000n;

export const toResources = (list: ResourceList | Readonly<Record<string, string | number>> | undefined): Resources =>
  new Map(Object.entries(list ?? {}).map(([name, value]) => [name, parseQuantity(value, name)]));

const combine = (one: Resources, other: Resources, pick: (a: Quantity, b: Quantity) => Quantity): Resources => {
  const result = new Map(one);
  for (const [name, value] of other) result.set(name, pick(result.get(name) ?? 0n, value));
  return result;
};

export const add = (one: Resources, other: Resources): Resources => combine(one, other, (a, b) => a + b);
export const subtract = (one: Resources, other: Resources): Resources => combine(one, other, (a, b) => a - b);
const largest = (one: Resources, other: Resources): Resources => combine(one, other, (a, b) => (a > b ? a : b));

export const fits = (wanted: Resources, room: Resources): boolean =>
  [...wanted].every(([name, value]) => value <= (room.get(name) ?? 0n));

const NOTHING: Resources = new Map();
const requestsOf = (container: Container): Resources => toResources(container.resources?.requests);

/**
 * The larger of what runs and what has to start: containers and sidecars together, against each init container on top of the
 * sidecars started before it; plus overhead, plus the pod itself.
 * Source: k8s.io/component-helpers/resource, PodRequests.
 */
export const podResources = (pod: KubePod, defaults: Resources = NOTHING): Resources => {
  let sidecars = NOTHING;
  let starting = NOTHING;
  for (const container of pod.spec.initContainers ?? []) {
    const requests = requestsOf(container);
    if (container.restartPolicy === "Always") sidecars = add(sidecars, requests);
    starting = largest(starting, container.restartPolicy === "Always" ? sidecars : add(sidecars, requests));
  }
  const running = pod.spec.containers.map(requestsOf).reduce(add, sidecars);
  const requested = largest(running, starting);
  const wanted = requested.size === 0 ? defaults : requested;
  return add(add(wanted, toResources(pod.spec.overhead)), new Map([["pods", ONE]]));
};
