/**
 * What the AWS cloud-controller-manager does to nodes whose instances stop or go. Source: kubernetes/cloud-provider,
 * controllers/nodelifecycle, and cloud-provider-aws, which calls an instance shut down in the state `stopped` only.
 */

import type { Machines } from "../aws/ec2/machines.ts";
import type { Clock } from "../clock.ts";
import type { Store } from "./api-server/store.ts";
import { conditionOf, instanceIdOf, isReady, type NodeObject } from "./objects.ts";
import type { RecordEvent } from "./record-event.ts";
import { createRounds } from "./rounds.ts";

const PERIOD_MS = 5_000;
const SHUTDOWN = { key: "node.cloudprovider.kubernetes.io/shutdown", effect: "NoSchedule" };

export interface CloudControllerOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly machines: Machines;
  readonly recordEvent: RecordEvent;
}

const isShutDown = ({ spec }: NodeObject): boolean => spec.taints?.some(({ key }) => key === SHUTDOWN.key) ?? false;

/** Every 5 s: the `shutdown` taint on and off, and nodes without an instance deleted. A Ready node is not asked for its instance. */
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

  const look = (node: NodeObject, states: ReadonlyMap<string, string>): void => {
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

  const rounds = createRounds(clock, PERIOD_MS, () => {
    const states = new Map(machines.list().map(({ instanceId, state }) => [instanceId, state]));
    for (const node of store.list<NodeObject>("nodes")) look(node, states);
  });
  const lookSoon = () => rounds.at(clock.now());

  const stops = [store.subscribe("nodes", lookSoon), machines.subscribe(lookSoon), rounds.stop];
  if (store.list<NodeObject>("nodes").some((node) => conditionOf(node, "Ready"))) lookSoon();
  return () => {
    for (const stop of stops) stop();
  };
};
