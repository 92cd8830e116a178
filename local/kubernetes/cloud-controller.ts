/**
 * The node and node lifecycle controllers of the AWS cloud-controller-manager: initializes new nodes, and handles nodes whose instances stop or
 * terminate. Source: kubernetes/cloud-provider, controllers/node and controllers/nodelifecycle, and cloud-provider-aws, where only the state `stopped` counts as shut down.
 */

import type { Machine, Machines } from "../aws/ec2/machines.ts";
import type { Clock } from "../clock.ts";
import type { Store, StoreEvent } from "./api-server/store.ts";
import { createPeriodicLoop } from "./loops/periodic-loop.ts";
import { conditionOf, instanceIdOf, isReady, type NodeObject } from "./objects/objects.ts";
import type { RecordEvent } from "./objects/record-event.ts";

const PERIOD_MS = 5_000;
/** From a node's registration until the controller has asked EC2 about it. Belief: about a second. */
const INITIALIZE_MS = 1_000;
const UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized";
const SHUTDOWN = { key: "node.cloudprovider.kubernetes.io/shutdown", effect: "NoSchedule" };

export interface CloudControllerOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly machines: Machines;
  readonly recordEvent: RecordEvent;
}

const isShutDown = ({ spec }: NodeObject): boolean => spec.taints?.some(({ key }) => key === SHUTDOWN.key) ?? false;

/** The labels that the controller gives a new node (kubernetes/cloud-provider, controllers/node). */
const cloudLabels = ({ instanceType, zone }: Machine): Record<string, string> => ({
  "beta.kubernetes.io/instance-type": instanceType,
  "node.kubernetes.io/instance-type": instanceType,
  "failure-domain.beta.kubernetes.io/region": zone.slice(0, -1),
  "failure-domain.beta.kubernetes.io/zone": zone,
  "topology.kubernetes.io/region": zone.slice(0, -1),
  "topology.kubernetes.io/zone": zone,
});

/**
 * Initializes nodes that register. Every 5 s, adds or removes the `shutdown` taint and deletes nodes whose instance is gone. The controller does not look up the
 * instance of a Ready node.
 */
export const startCloudController = (options: CloudControllerOptions): (() => void) => {
  const { clock, store, machines, recordEvent } = options;

  const changeTaints = (name: string, change: (taints: NonNullable<NodeObject["spec"]["taints"]>) => typeof taints) =>
    store.change<NodeObject>("nodes", name, undefined, ({ spec }) => {
      spec.taints = change(spec.taints ?? []);
    });

  const deleteNode = (node: NodeObject): void => {
    const message = `Deleting node ${node.metadata.name} because it does not exist in the cloud provider`;
    recordEvent(node, {
      type: "Normal",
      reason: "DeletingNode",
      message,
      component: "cloud-node-lifecycle-controller",
    });
    store.remove("nodes", node.metadata.name);
  };

  const initialize = (name: string): void => {
    const node = store.get<NodeObject>("nodes", name);
    const machine = machines.list().find(({ instanceId }) => node && instanceId === instanceIdOf(node));
    if (!node || !machine) return;
    store.change<NodeObject>("nodes", name, undefined, ({ metadata, spec }) => {
      metadata.labels = { ...metadata.labels, ...cloudLabels(machine) };
      spec.taints = (spec.taints ?? []).filter(({ key }) => key !== UNINITIALIZED);
    });
  };

  /** Once for each node that registers with the taint. */
  const initializing = new Set<string>();
  const onNode = ({ type, object }: StoreEvent): void => {
    const { name } = object.metadata;
    const isNew = (object as NodeObject).spec.taints?.some(({ key }) => key === UNINITIALIZED);
    if (type === "DELETED" || !isNew) initializing.delete(name);
    else if (!initializing.has(name)) {
      initializing.add(name);
      clock.after(INITIALIZE_MS, () => initialize(name));
    }
    runSoon();
  };

  const syncNode = (node: NodeObject, states: ReadonlyMap<string, string>): void => {
    const { name } = node.metadata;
    if (isReady(node)) {
      if (isShutDown(node)) changeTaints(name, (taints) => taints.filter(({ key }) => key !== SHUTDOWN.key));
      return;
    }
    const id = instanceIdOf(node);
    if (!id) return;
    const state = states.get(id);
    if (state === undefined || state === "terminated") deleteNode(node);
    else if (state === "stopped" && !isShutDown(node)) changeTaints(name, (taints) => [...taints, { ...SHUTDOWN }]);
  };

  const periodic = createPeriodicLoop(clock, PERIOD_MS, () => {
    const states = new Map(machines.list().map(({ instanceId, state }) => [instanceId, state]));
    for (const node of store.list<NodeObject>("nodes")) syncNode(node, states);
  });
  const runSoon = () => periodic.runAt(clock.now());

  const stops = [store.subscribe("nodes", onNode), machines.subscribe(runSoon), periodic.stop];
  if (store.list<NodeObject>("nodes").some((node) => conditionOf(node, "Ready"))) runSoon();
  return () => {
    for (const stop of stops) stop();
  };
};
