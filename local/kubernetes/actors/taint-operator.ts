import type { Clock } from "../../clock.ts";
import type { Store } from "../api-server/store.ts";
import { isReady, type NodeObject, type Taint } from "../objects/objects.ts";

export interface TaintOperatorOptions {
  readonly clock: Clock;
  readonly store: Store;
  /** `node.cilium.io/agent-not-ready:NoSchedule`, for example. */
  readonly taint: Taint;
  /** From the node's Ready until its agent works: seconds for a CNI, longer for storage drivers (kubernetes-sigs/aws-ebs-csi-driver#2447). */
  readonly agentDelayMs: number;
}

/**
 * An operator that taints each node whose agent does not run and removes the taint once it does. Cilium's does so by default, so every
 * stopped node has its taint. Sources: the cilium-operator's options set-cilium-node-taints and remove-cilium-node-taints; cilium/cilium#16631.
 */
export const startTaintOperator = ({ clock, store, taint, agentDelayMs }: TaintOperatorOptions): (() => void) => {
  const waits = new Map<string, () => void>();

  const write = (name: string, taints: (others: Taint[]) => Taint[]): void =>
    void store.change<NodeObject>("nodes", name, undefined, ({ spec }) => {
      spec.taints = taints((spec.taints ?? []).filter(({ key }) => key !== taint.key));
    });
  const isTainted = ({ spec }: NodeObject): boolean => spec.taints?.some(({ key }) => key === taint.key) ?? false;

  const follow = (node: NodeObject): void => {
    const { name } = node.metadata;
    if (isReady(node)) {
      if (!isTainted(node) || waits.has(name)) return;
      const removal = clock.after(agentDelayMs, () => {
        waits.delete(name);
        write(name, (others) => others);
      });
      waits.set(name, removal);
      return;
    }
    waits.get(name)?.();
    waits.delete(name);
    if (!isTainted(node)) write(name, (others) => [...others, { ...taint }]);
  };

  const unsubscribe = store.subscribe("nodes", ({ type, object }) => {
    if (type !== "DELETED") follow(object as NodeObject);
  });
  for (const node of store.list<NodeObject>("nodes")) follow(node);
  return () => {
    unsubscribe();
    for (const cancel of waits.values()) cancel();
  };
};
