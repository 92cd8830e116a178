/** What a pod takes of a node. */
import { parseQuantity, type Quantity } from "../model/api/quantity.ts";
import type { Container, PodSpec, ResourceList } from "../model/kubernetes/objects.ts";
import { type Amounts, amountsOf } from "./resource-amount.ts";

type Quantities = Map<string, Quantity>;

/** Without the pod itself, which is one of `pods`. */
export interface PodRequest {
  /** Undefined for a pod that asks for nothing, so that its pool's defaults apply. */
  readonly asked: Amounts | undefined;
  /** Of its runtime class; comes on top of either. */
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
 * The larger of what runs and what has to start: containers and sidecars together, against each init container on top of the
 * sidecars started before it.
 */
const ofContainers = ({ containers, initContainers = [] }: PodSpec): Quantities => {
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

/** Of these a pod can ask as a whole; anything else at its level is passed over. */
const POD_LEVEL = /^(?:cpu|memory|hugepages-.*)$/;

/**
 * Source: k8s.io/component-helpers/resource, PodRequests. What has been resized in place is not looked at: a pod without a node
 * has not been, and on a node that has just started it is rare.
 */
export const podRequest = (spec: PodSpec): PodRequest => {
  const asked = ofContainers(spec);
  for (const [name, value] of toQuantities(spec.resources?.requests)) if (POD_LEVEL.test(name)) asked.set(name, value);
  const isSome = [...asked.values()].some((value) => value > 0n);
  return { asked: isSome ? amountsOf(asked) : undefined, overhead: amountsOf(toQuantities(spec.overhead)) };
};

const containerKey = ({ resources, restartPolicy }: Container) => [resources?.requests, restartPolicy];

/** Works out each request once: bound pods are many, and most are alike. */
export const createRequests = (): ((spec: PodSpec) => PodRequest) => {
  const known = new Map<string, PodRequest>();
  return (spec) => {
    const { containers, initContainers, resources, overhead } = spec;
    const key = JSON.stringify([
      containers.map(containerKey),
      initContainers?.map(containerKey),
      resources?.requests,
      overhead,
    ]);
    const request = known.get(key) ?? podRequest(spec);
    known.set(key, request);
    return request;
  };
};
