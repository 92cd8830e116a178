/**
 * The AWS cloud-controller-manager's node lifecycle controller: a taint on nodes whose instance is stopped, and no node object for
 * an instance that is gone. Source: kubernetes/cloud-provider, controllers/nodelifecycle.
 */
import type { Clock } from "../../clock.ts";
import type { Machines } from "../../ec2/machines.ts";
import type { Store } from "../../kube/store.ts";
import { instanceIdOf, isReady, type NodeObject } from "../objects.ts";

const PERIOD_MS = 5_000;
const SHUTDOWN = { key: "node.cloudprovider.kubernetes.io/shutdown", effect: "NoSchedule" };

export const startCloudController = (clock: Clock, store: Store, machines: Machines): (() => void) => {
  let stopped = false;

  const setShutdown = (node: NodeObject, present: boolean) =>
    store.change<NodeObject>("nodes", node.metadata.name, undefined, (current) => {
      const others = (current.spec.taints ?? []).filter(({ key }) => key !== SHUTDOWN.key);
      const had = others.length !== (current.spec.taints ?? []).length;
      if (had === present) return false;
      current.spec.taints = present ? [...others, { ...SHUTDOWN }] : others;
      return true;
    });

  /** Only nodes that are not Ready are asked about; the taint goes on a pass that sees Ready. */
  const look = (node: NodeObject, states: ReadonlyMap<string, string>) => {
    if (isReady(node)) return void setShutdown(node, false);
    const state = states.get(instanceIdOf(node) ?? "");
    if (state === undefined || state === "terminated") return store.remove("nodes", node.metadata.name);
    if (state === "stopped" || state === "stopping") setShutdown(node, true);
  };

  const pass = () => {
    if (stopped) return;
    const states = new Map(machines.list().map(({ instanceId, state }) => [instanceId, state]));
    for (const node of store.list<NodeObject>("nodes")) if (instanceIdOf(node)) look(node, states);
    clock.after(PERIOD_MS, pass);
  };

  pass();
  return () => {
    stopped = true;
  };
};
