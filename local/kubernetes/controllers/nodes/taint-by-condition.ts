/**
 * Maintains the NoSchedule taints that mirror a node's conditions and its cordon. Source: kube-controller-manager's node
 * lifecycle controller, doNoScheduleTaintingPass.
 */
import type { Clock } from "../../../clock.ts";
import { timestamp } from "../../api-server/create-store.ts";
import type { Store } from "../../api-server/store.ts";
import { createWorkQueue } from "../../loops/work-queue.ts";
import type { NodeObject, Taint } from "../../objects/objects.ts";

/** Taint keys by condition type and status. */
const TAINTS: Readonly<Record<string, string>> = {
  "Ready False": "node.kubernetes.io/not-ready",
  "Ready Unknown": "node.kubernetes.io/unreachable",
  "MemoryPressure True": "node.kubernetes.io/memory-pressure",
  "DiskPressure True": "node.kubernetes.io/disk-pressure",
  "PIDPressure True": "node.kubernetes.io/pid-pressure",
  "NetworkUnavailable True": "node.kubernetes.io/network-unavailable",
};
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";
const OURS: ReadonlySet<string> = new Set([...Object.values(TAINTS), UNSCHEDULABLE]);

const isOurs = ({ key, effect }: Taint): boolean => effect === "NoSchedule" && OURS.has(key);

const desiredKeys = ({ spec, status }: NodeObject): string[] => [
  ...(status.conditions ?? []).flatMap(({ type, status: value }) => TAINTS[`${type} ${value}`] ?? []),
  ...(spec.unschedulable ? [UNSCHEDULABLE] : []),
];

export const taintByCondition = ({ clock, store }: { readonly clock: Clock; readonly store: Store }): (() => void) => {
  const queue = createWorkQueue(clock, (name) => {
    const node = store.get<NodeObject>("nodes", name);
    if (!node) return;
    const desired = desiredKeys(node);
    const present = node.spec.taints?.filter(isOurs).map(({ key }) => key) ?? [];
    if (present.length === desired.length && desired.every((key) => present.includes(key))) return;
    store.change<NodeObject>("nodes", name, undefined, ({ spec }) => {
      const added = desired
        .filter((key) => !present.includes(key))
        .map((key) => ({ key, effect: "NoSchedule", timeAdded: timestamp(clock.now()) }));
      const kept = spec.taints?.filter((taint) => !isOurs(taint) || desired.includes(taint.key)) ?? [];
      spec.taints = [...kept, ...added];
    });
  });
  for (const { metadata } of store.list("nodes")) queue.add(metadata.name);
  const unsubscribe = store.subscribe("nodes", ({ type, object }) => {
    if (type !== "DELETED") queue.add(object.metadata.name);
  });
  return () => {
    unsubscribe();
    queue.stop();
  };
};
