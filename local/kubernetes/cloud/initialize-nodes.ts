/**
 * The node controller of the AWS cloud-controller-manager: completes what a kubelet with `--cloud-provider=external` registers. Source:
 * kubernetes/cloud-provider, controllers/node (syncNode, getNodeModifiersFromCloudProvider).
 */
import type { Machine, Machines } from "../../aws/ec2/machines.ts";
import type { Clock } from "../../clock.ts";
import type { Store } from "../api-server/store.ts";
import { type Delay, pick } from "../kubelet/node-profile.ts";
import { createTimers } from "../kubelet/timers.ts";
import { instanceIdOf, type NodeObject } from "../objects/objects.ts";
import { UNINITIALIZED } from "../objects/taint-keys.ts";
import type { Outage } from "./outage.ts";

export interface InitializeOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly machines: Machines;
  readonly initializeMs: Delay;
  readonly random: () => number;
  readonly outage: Outage;
}

const isUninitialized = ({ spec }: NodeObject): boolean =>
  spec.taints?.some(({ key }) => key === UNINITIALIZED) ?? false;

const labelsOf = ({ instanceType, zone }: Machine): Record<string, string> => {
  const region = zone.slice(0, -1);
  return {
    "beta.kubernetes.io/instance-type": instanceType,
    "failure-domain.beta.kubernetes.io/region": region,
    "failure-domain.beta.kubernetes.io/zone": zone,
    "node.kubernetes.io/instance-type": instanceType,
    "topology.kubernetes.io/region": region,
    "topology.kubernetes.io/zone": zone,
  };
};

/** Adds the labels of zone, region and type and the instance's addresses, then takes the `uninitialized` taint off. */
export const initializeNodes = (options: InitializeOptions): (() => void) => {
  const { clock, store, machines, initializeMs, random, outage } = options;
  const timers = createTimers(clock);
  const waiting = new Set<string>();

  const initialize = (name: string): void => {
    waiting.delete(name);
    const node = store.get<NodeObject>("nodes", name);
    if (outage.isDown() || !node || !isUninitialized(node)) return;
    const machine = machines.list().find(({ instanceId }) => instanceId === instanceIdOf(node));
    if (!machine) return;
    const addresses = [
      { type: "InternalIP", address: machine.privateIp },
      { type: "InternalDNS", address: machine.privateDnsName },
      { type: "Hostname", address: machine.privateDnsName },
    ];
    const setAddresses = ({ status }: NodeObject): void => {
      status.addresses = addresses;
    };
    store.change<NodeObject>("nodes", name, undefined, setAddresses, { status: true });
    store.change<NodeObject>("nodes", name, undefined, ({ metadata, spec }) => {
      metadata.labels = { ...metadata.labels, ...labelsOf(machine) };
      spec.taints = spec.taints?.filter(({ key }) => key !== UNINITIALIZED) ?? [];
    });
  };

  const onNode = (node: NodeObject): void => {
    const { name } = node.metadata;
    if (waiting.has(name) || outage.isDown() || !isUninitialized(node)) return;
    waiting.add(name);
    timers.after(pick(initializeMs, random), () => initialize(name));
  };

  const onAll = (): void => {
    for (const node of store.list<NodeObject>("nodes")) onNode(node);
  };

  const unsubscribe = store.subscribe("nodes", ({ type, object }) => {
    if (type !== "DELETED") onNode(object as NodeObject);
  });
  outage.onEnd(onAll);
  onAll();
  return () => {
    unsubscribe();
    timers.cancelAll();
  };
};
