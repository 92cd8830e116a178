/** Resource arithmetic of the scheduler, in thousandths as numbers: exact enough for what one node holds. */
import type { Container, NodeObject, PodObject } from "../objects.ts";

export type Amounts = Map<string, number>;

const SUFFIX: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const amount = (quantity: string | number): number => {
  const [, digits = "0", suffix = ""] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(String(quantity)) ?? [];
  return Math.round(Number(digits) * (SUFFIX[suffix] ?? 1) * 1000);
};

const amounts = (list: Readonly<Record<string, string | number>> | undefined): Amounts =>
  new Map(Object.entries(list ?? {}).map(([name, quantity]) => [name, amount(quantity)]));

const addTo = (sum: Amounts, more: Amounts): Amounts => {
  for (const [name, value] of more) sum.set(name, (sum.get(name) ?? 0) + value);
  return sum;
};

const atLeast = (one: Amounts, other: Amounts): Amounts => {
  for (const [name, value] of other) one.set(name, Math.max(one.get(name) ?? 0, value));
  return one;
};

const ofContainer = ({ resources }: Container) => amounts(resources?.requests);

/** Source: k8s.io/component-helpers/resource, PodRequests. */
export const podRequests = ({ spec }: PodObject): Amounts => {
  const sidecars: Amounts = new Map();
  const starting: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const requests = ofContainer(container);
    if (container.restartPolicy === "Always") atLeast(starting, addTo(sidecars, requests));
    else atLeast(starting, addTo(new Map(sidecars), requests));
  }
  const running = spec.containers.reduce((sum, container) => addTo(sum, ofContainer(container)), new Map(sidecars));
  const total = addTo(atLeast(running, starting), amounts(spec.overhead));
  return addTo(total, new Map([["pods", 1000]]));
};

export const allocatable = (node: NodeObject): Amounts => amounts(node.status.allocatable);

export const used = (pods: readonly PodObject[]): Amounts =>
  pods.map(podRequests).reduce((sum, requests) => addTo(sum, requests), new Map());

/** Names of the resources of which the node has too little left. */
export const lacking = (wanted: Amounts, whole: Amounts, taken: Amounts): string[] =>
  [...wanted]
    .filter(([name, value]) => value > 0 && value > (whole.get(name) ?? 0) - (taken.get(name) ?? 0))
    .map(([name]) => name);
