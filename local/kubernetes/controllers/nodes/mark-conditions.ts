/**
 * Keeps the NoSchedule taints that say on a node what its conditions and its cordon say. Source: kube-controller-manager's node
 * lifecycle controller, doNoScheduleTaintingPass.
 */
import type { Clock } from "../../../clock.ts";
import { timestamp } from "../../api-server/create-store.ts";
import type { Store } from "../../api-server/store.ts";
import { createKeyedLoop } from "../../keyed-loop.ts";
import type { NodeObject, Taint } from "../../objects.ts";

/** Taint by condition and its status. */
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

const wantedKeys = ({ spec, status }: NodeObject): string[] => [
  ...(status.conditions ?? []).flatMap(({ type, status: value }) => TAINTS[`${type} ${value}`] ?? []),
  ...(spec.unschedulable ? [UNSCHEDULABLE] : []),
];

export const markConditions = ({ clock, store }: { readonly clock: Clock; readonly store: Store }): (() => void) => {
  const loop = createKeyedLoop(clock, (name) => {
    const node = store.get<NodeObject>("nodes", name);
    if (!node) return;
    const wanted = wantedKeys(node);
    const present = node.spec.taints?.filter(isOurs).map(({ key }) => key) ?? [];
    if (present.length === wanted.length && wanted.every((key) => present.includes(key))) return;
    store.change<NodeObject>("nodes", name, undefined, ({ spec }) => {
      const added = wanted
        .filter((key) => !present.includes(key))
        .map((key) => ({ key, effect: "NoSchedule", timeAdded: timestamp(clock.now()) }));
      const kept = spec.taints?.filter((taint) => !isOurs(taint) || wanted.includes(taint.key)) ?? [];
      spec.taints = [...kept, ...added];
    });
  });
  for (const { metadata } of store.list("nodes")) loop.add(metadata.name);
  const unsubscribe = store.subscribe("nodes", ({ type, object }) => {
    if (type !== "DELETED") loop.add(object.metadata.name);
  });
  return () => {
    unsubscribe();
    loop.stop();
  };
};
