/** The resources that a pod takes from a node. */
import { parseQuantity, type Quantity } from "../model/api/quantity.ts";
import type { Container, PodSpec, ResourceList } from "../model/kubernetes/objects.ts";
import { type Amounts, amountsOf } from "./resource-amount.ts";

type Quantities = Map<string, Quantity>;

/** Does not include the pod itself, which takes one of the node's `pods`. */
export interface PodRequest {
  /** Undefined for a pod without requests: its pool's defaults apply. */
  readonly requests: Amounts | undefined;
  /** The overhead of the runtime class, added to the requests or the defaults. */
  readonly overhead: Amounts;
}

const toQuantities = (list: ResourceList = {}): Quantities =>
  new Map(Object.entries(list).map(([name, value]) => [name, parseQuantity(value, name)]));

const addTo = (sum: Quantities, more: Quantities): Quantities => {
  for (const [name, value] of more) sum.set(name, (sum.get(name) ?? 0n) + value);
  return sum;
};

const raiseTo = (highest: Quantities, other: Quantities): void => {
  for (const [name, value] of other) if (value > (highest.get(name) ?? 0n)) highest.set(name, value);
};

const requestsOf = ({ resources }: Container): Quantities => toQuantities(resources?.requests);

/**
 * Per resource, the larger of two amounts: containers and sidecars together, and the largest init container plus the sidecars that start
 * before it.
 */
const containerRequests = ({ containers, initContainers = [] }: PodSpec): Quantities => {
  const sidecars: Quantities = new Map();
  const starting: Quantities = new Map();
  for (const container of initContainers) {
    const requests = requestsOf(container);
    if (container.restartPolicy === "Always") raiseTo(starting, addTo(sidecars, requests));
    else raiseTo(starting, addTo(new Map(sidecars), requests));
  }
  const running = containers.map(requestsOf).reduce(addTo, new Map(sidecars));
  raiseTo(running, starting);
  return running;
};

/** The resources that pod-level requests support; any others at pod level are ignored. */
const POD_LEVEL = /^(?:cpu|memory|hugepages-.*)$/;

/**
 * Source: k8s.io/component-helpers/resource, PodRequests. In-place resizes are not counted: a pod without a node cannot be
 * resized, and on a node that has just started it is rare.
 */
export const podRequest = (spec: PodSpec): PodRequest => {
  const requests = containerRequests(spec);
  for (const [name, value] of toQuantities(spec.resources?.requests))
    if (POD_LEVEL.test(name)) requests.set(name, value);
  const isSome = [...requests.values()].some((value) => value > 0n);
  return { requests: isSome ? amountsOf(requests) : undefined, overhead: amountsOf(toQuantities(spec.overhead)) };
};

const containerKey = ({ resources, restartPolicy }: Container) => [resources?.requests, restartPolicy];

/** Computes equal requests once: there are many bound pods, and most of them are alike. */
export const createPodRequestCache = (): ((spec: PodSpec) => PodRequest) => {
  const cache = new Map<string, PodRequest>();
  return (spec) => {
    const { containers, initContainers, resources, overhead } = spec;
    const key = JSON.stringify([
      containers.map(containerKey),
      initContainers?.map(containerKey),
      resources?.requests,
      overhead,
    ]);
    const request = cache.get(key) ?? podRequest(spec);
    cache.set(key, request);
    return request;
  };
};
