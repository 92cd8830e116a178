/**
 * The AWS cloud-controller-manager. Its node lifecycle controller handles nodes whose instances stop or terminate. Source:
 * kubernetes/cloud-provider, controllers/nodelifecycle, and cloud-provider-aws, where only the state `stopped` counts as shut down.
 */

import type { Machines } from "../aws/ec2/machines.ts";
import type { Clock } from "../clock.ts";
import type { Store } from "./api-server/store.ts";
import { initializeNodes } from "./cloud/initialize-nodes.ts";
import { createLaggingStates } from "./cloud/lagging-states.ts";
import type { Outage } from "./cloud/outage.ts";
import type { NodeDelays } from "./kubelet/node-profile.ts";
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
  readonly random: () => number;
  readonly delays: NodeDelays;
  readonly outage: Outage;
}

const isShutDown = ({ spec }: NodeObject): boolean => spec.taints?.some(({ key }) => key === SHUTDOWN.key) ?? false;

/**
 * Every 5 s, adds or removes the `shutdown` taint and deletes nodes whose instance is gone, as far as it sees the instances. The
 * controller does not look up the instance of a Ready node.
 */
export const startCloudController = (options: CloudControllerOptions): (() => void) => {
  const { clock, store, recordEvent, delays, outage } = options;

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

  const syncNode = (node: NodeObject): void => {
    const { name } = node.metadata;
    if (isReady(node)) {
      if (isShutDown(node)) changeTaints(name, (taints) => taints.filter(({ key }) => key !== SHUTDOWN.key));
      return;
    }
    const id = instanceIdOf(node);
    if (!id) return;
    const state = states.stateOf(id);
    if (state === undefined || state === "terminated") deleteNode(node);
    else if (state === "stopped" && !isShutDown(node)) changeTaints(name, (taints) => [...taints, { ...SHUTDOWN }]);
  };

  const periodic = createPeriodicLoop(clock, PERIOD_MS, () => {
    if (outage.isDown()) return;
    for (const node of store.list<NodeObject>("nodes")) syncNode(node);
  });
  const runSoon = () => periodic.runAt(clock.now());

  const states = createLaggingStates({ ...options, lagMs: delays.instanceLagMs, onChange: runSoon });
  outage.onEnd(runSoon);
  const stops = [
    store.subscribe("nodes", runSoon),
    states.stop,
    initializeNodes({ ...options, initializeMs: delays.initializeMs }),
    periodic.stop,
  ];
  if (store.list<NodeObject>("nodes").some((node) => conditionOf(node, "Ready"))) runSoon();
  return () => {
    for (const stop of stops) stop();
  };
};
