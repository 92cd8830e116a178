/** Removes the pods of nodes that are gone. Source: kube-controller-manager's pod garbage collector, gcOrphaned. */
import type { Clock } from "../../../clock.ts";
import type { Store } from "../../api-server/store.ts";
import type { PodObject } from "../../objects.ts";
import type { PodIndex } from "../../pod-index.ts";
import { createRounds } from "../../rounds.ts";

const PERIOD_MS = 20_000;
/** A node must have been missing for so long before its pods are taken for orphans. */
const QUARANTINE_MS = 40_000;

export interface PodCollectionOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly pods: PodIndex;
}

export const collectPods = ({ clock, store, pods }: PodCollectionOptions): (() => void) => {
  const missingSince = new Map<string, number>();

  const remove = ({ metadata }: PodObject): void =>
    store.remove("pods", metadata.name, metadata.namespace, { gracePeriodSeconds: 0 });

  const rounds = createRounds(clock, PERIOD_MS, () => {
    for (const [nodeName, since] of missingSince) {
      if (store.get("nodes", nodeName)) missingSince.delete(nodeName);
      else if (clock.now() < since + QUARANTINE_MS) rounds.at(since + QUARANTINE_MS);
      else {
        missingSince.delete(nodeName);
        for (const pod of pods.onNode(nodeName)) remove(pod);
      }
    }
  });

  const miss = (nodeName: string): void => {
    if (missingSince.has(nodeName)) return;
    missingSince.set(nodeName, clock.now());
    rounds.at(clock.now() + QUARANTINE_MS);
  };

  const stops = [
    store.subscribe("nodes", ({ type, object }) => {
      if (type === "DELETED") miss(object.metadata.name);
    }),
    store.subscribe("pods", ({ type, object }) => {
      const { nodeName } = (object as PodObject).spec;
      if (type !== "DELETED" && nodeName && !store.get("nodes", nodeName)) miss(nodeName);
    }),
    rounds.stop,
  ];
  for (const nodeName of pods.nodeNames()) if (!store.get("nodes", nodeName)) miss(nodeName);
  return () => {
    for (const stop of stops) stop();
  };
};
