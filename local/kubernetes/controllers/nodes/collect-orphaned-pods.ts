/** Deletes the pods of nodes that no longer exist. Source: kube-controller-manager's pod garbage collector, gcOrphaned. */
import type { Clock } from "../../../clock.ts";
import type { Store } from "../../api-server/store.ts";
import { createPeriodicLoop } from "../../loops/periodic-loop.ts";
import type { PodObject } from "../../objects/objects.ts";
import type { PodIndex } from "../../objects/pod-index.ts";

const PERIOD_MS = 20_000;
/** A node must be missing for this long before its pods count as orphaned. */
const QUARANTINE_MS = 40_000;

export interface PodCollectionOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly pods: PodIndex;
}

export const collectOrphanedPods = ({ clock, store, pods }: PodCollectionOptions): (() => void) => {
  const missingSince = new Map<string, number>();

  const remove = ({ metadata }: PodObject): void =>
    store.remove("pods", metadata.name, metadata.namespace, { gracePeriodSeconds: 0 });

  const periodic = createPeriodicLoop(clock, PERIOD_MS, () => {
    for (const [nodeName, since] of missingSince) {
      if (store.get("nodes", nodeName)) missingSince.delete(nodeName);
      else if (clock.now() < since + QUARANTINE_MS) periodic.runAt(since + QUARANTINE_MS);
      else {
        missingSince.delete(nodeName);
        for (const pod of pods.onNode(nodeName)) remove(pod);
      }
    }
  });

  const startQuarantine = (nodeName: string): void => {
    if (missingSince.has(nodeName)) return;
    missingSince.set(nodeName, clock.now());
    periodic.runAt(clock.now() + QUARANTINE_MS);
  };

  const stops = [
    store.subscribe("nodes", ({ type, object }) => {
      if (type === "DELETED") startQuarantine(object.metadata.name);
    }),
    store.subscribe("pods", ({ type, object }) => {
      const { nodeName } = (object as PodObject).spec;
      if (type !== "DELETED" && nodeName && !store.get("nodes", nodeName)) startQuarantine(nodeName);
    }),
    periodic.stop,
  ];
  for (const nodeName of pods.nodeNames()) if (!store.get("nodes", nodeName)) startQuarantine(nodeName);
  return () => {
    for (const stop of stops) stop();
  };
};
