/**
 * The node lifecycle controller of the AWS cloud-controller-manager: handles nodes whose instances stop or terminate. Source:
 * kubernetes/cloud-provider, controllers/nodelifecycle, and cloud-provider-aws, where only the state `stopped` counts as shut down.
 */

import type { Machines } from "../aws/ec2/machines.ts";
import type { Clock } from "../clock.ts";
import type { Store } from "./api-server/store.ts";
import { createPeriodicLoop } from "./loops/periodic-loop.ts";
import { conditionOf, instanceIdOf, isReady, type NodeObject } from "./objects/objects.ts";
import type { RecordEvent } from "./objects/record-event.ts";

const PERIOD_MS = 5_000;
const SHUTDOWN = { key: "node.cloudprovider.kubernetes.io/shutdown", effect: "NoSchedule" };

export interface CloudControllerOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly machines: Machines;
  readonly recordEvent: RecordEvent;
}

const isShutDown = ({ spec }: NodeObject): boolean => spec.taints?.some(({ key }) => key === SHUTDOWN.key) ?? false;

/**
 * Every 5 s, adds or removes the `shutdown` taint and deletes nodes whose instance is gone. The controller does not look up the
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

  const stops = [store.subscribe("nodes", runSoon), machines.subscribe(runSoon), periodic.stop];
  if (store.list<NodeObject>("nodes").some((node) => conditionOf(node, "Ready"))) runSoon();
  return () => {
    for (const stop of stops) stop();
  };
};
