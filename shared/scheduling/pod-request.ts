/** The resources that a pod takes from a node. */
import { createQuantityCache, type ParseQuantity, parseQuantity, type Quantity } from "../model/api/quantity.ts";
import type { Container, PodSpec } from "../model/kubernetes/objects.ts";
import { type Amounts, amountsOf, NO_AMOUNTS, toAmounts } from "./resource-amount.ts";

type Quantities = Map<string, Quantity>;

const NO_QUANTITIES: Quantities = new Map();

/** Does not include the pod itself, which takes one of the node's `pods`. */
export interface PodRequest {
  /** Undefined for a pod without requests: its pool's defaults apply. */
  readonly requests: Amounts | undefined;
  /** The overhead of the runtime class, added to the requests or the defaults. */
  readonly overhead: Amounts;
}

/** Adds the requests of a container or a pod, in place. */
const addTo = (sum: Quantities, { resources }: Pick<Container, "resources">, parse: ParseQuantity): Quantities => {
  for (const [name, value] of Object.entries(resources?.requests ?? {}))
    sum.set(name, (sum.get(name) ?? 0n) + parse(value, name));
  return sum;
};

const raiseTo = (highest: Quantities, other: Quantities): void => {
  for (const [name, value] of other) if (value > (highest.get(name) ?? 0n)) highest.set(name, value);
};

/**
 * Per resource, the larger of two amounts: containers and sidecars together, and the largest init container plus the sidecars that start
 * before it.
 */
const containerRequests = ({ containers, initContainers = [] }: PodSpec, parse: ParseQuantity): Quantities => {
  const sidecars: Quantities = new Map();
  const starting: Quantities = initContainers.length > 0 ? new Map() : NO_QUANTITIES;
  for (const container of initContainers) {
    if (container.restartPolicy === "Always") raiseTo(starting, addTo(sidecars, container, parse));
    else raiseTo(starting, addTo(new Map(sidecars), container, parse));
  }
  const running = sidecars;
  for (const container of containers) addTo(running, container, parse);
  raiseTo(running, starting);
  return running;
};

/** The resources that pod-level requests support; any others at pod level are ignored. */
const POD_LEVEL = /^(?:cpu|memory|hugepages-.*)$/;

const isRequested = (amounts: Amounts): boolean => {
  for (const amount of amounts.values()) if (amount > 0) return true;
  return false;
};

/** Most pods have one container, whose requests need not be added up. */
const amountsRequested = (spec: PodSpec, parse: ParseQuantity): Amounts => {
  const { containers, initContainers = [], resources } = spec;
  if (containers.length === 1 && initContainers.length === 0 && !resources)
    return toAmounts(containers[0]?.resources?.requests ?? {}, parse);
  const requests = containerRequests(spec, parse);
  if (resources) {
    for (const [name, value] of addTo(new Map(), spec, parse)) if (POD_LEVEL.test(name)) requests.set(name, value);
  }
  return amountsOf(requests);
};

/**
 * Source: k8s.io/component-helpers/resource, PodRequests. In-place resizes are not counted: a pod without a node cannot be
 * resized, and on a node that has just started it is rare.
 */
export const podRequest = (spec: PodSpec, parse = parseQuantity): PodRequest => {
  const requests = amountsRequested(spec, parse);
  return {
    requests: isRequested(requests) ? requests : undefined,
    overhead: spec.overhead ? toAmounts(spec.overhead, parse) : NO_AMOUNTS,
  };
};

const containerKey = ({ resources, restartPolicy }: Container) => [resources?.requests, restartPolicy];

/** Computes equal requests once: there are many bound pods, and most of them are alike. */
export const createPodRequestCache = (): ((spec: PodSpec) => PodRequest) => {
  const cache = new Map<string, PodRequest>();
  const parse = createQuantityCache();
  return (spec) => {
    const { containers, initContainers, resources, overhead } = spec;
    const key = JSON.stringify([
      containers.map(containerKey),
      initContainers?.map(containerKey),
      resources?.requests,
      overhead,
    ]);
    const request = cache.get(key) ?? podRequest(spec, parse);
    cache.set(key, request);
    return request;
  };
};
