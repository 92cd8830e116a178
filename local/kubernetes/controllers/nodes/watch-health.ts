/**
 * Notices nodes whose kubelets have fallen silent, and keeps the NoExecute taints that follow from a node's health.
 * Source: kube-controller-manager's node lifecycle controller, monitorNodeHealth.
 */
import type { Clock } from "../../../clock.ts";
import { timestamp } from "../../api-server/create-store.ts";
import type { Store } from "../../api-server/store.ts";
import { setCondition } from "../../conditions.ts";
import type { Heartbeats } from "../../heartbeats.ts";
import { conditionOf, isFinished, isReady, type NodeObject, type PodObject } from "../../objects.ts";
import type { PodIndex } from "../../pod-index.ts";
import type { RecordEvent } from "../../record-event.ts";
import { createRounds } from "../../rounds.ts";
import { type Disruption, readDisruption, zoneOf } from "./disruption.ts";

/** --node-monitor-period and, since 1.32, --node-monitor-grace-period. */
const PERIOD_MS = 5_000;
const GRACE_MS = 50_000;

const COMPONENT = "node-controller";
const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";
const KUBELET_CONDITIONS = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

export interface NodeHealthOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly pods: PodIndex;
  readonly heartbeats: Heartbeats;
  readonly recordEvent: RecordEvent;
}

/** The NoExecute taint that the node's health asks for. */
const wantedTaint = (node: NodeObject): string | undefined => {
  const ready = conditionOf(node, "Ready")?.status;
  if (ready === "True") return undefined;
  return ready === "False" ? NOT_READY : UNREACHABLE;
};

const isHealthTaint = ({ key, effect }: { key: string; effect: string }): boolean =>
  effect === "NoExecute" && (key === NOT_READY || key === UNREACHABLE);

/** What the controller puts in kubelet's place when kubelet is silent. */
const setUnknown = (status: NodeObject["status"], now: number): void => {
  for (const type of KUBELET_CONDITIONS) {
    const isKnown = conditionOf({ status }, type) !== undefined;
    const reason = isKnown ? "NodeStatusUnknown" : "NodeStatusNeverUpdated";
    const message = isKnown ? "Kubelet stopped posting node status." : "Kubelet never posted node status.";
    setCondition(status, { type, status: "Unknown", reason, message }, now);
  }
};

const setTaint = (store: Store, node: NodeObject, wanted: string | undefined, now: number): void => {
  store.change<NodeObject>("nodes", node.metadata.name, undefined, ({ spec }) => {
    spec.taints = spec.taints?.filter((taint) => !isHealthTaint(taint)) ?? [];
    if (wanted) spec.taints.push({ key: wanted, effect: "NoExecute", timeAdded: timestamp(now) });
  });
};

export const watchNodeHealth = (options: NodeHealthOptions): (() => void) => {
  const { clock, store, pods, heartbeats, recordEvent } = options;
  /** When a node without any heartbeat was first seen. */
  const firstSeen = new Map<string, number>();
  /** When a node of the zone was last given a taint that evicts. */
  const lastTainted = new Map<string, number>();

  const silentUntil = (name: string): number => {
    const now = clock.now();
    return (heartbeats.lastBeat(name, now) ?? firstSeen.get(name) ?? now) + GRACE_MS;
  };

  const declareUnknown = (node: NodeObject): void => {
    const now = clock.now();
    store.change<NodeObject>("nodes", node.metadata.name, undefined, ({ status }) => setUnknown(status, now), {
      status: true,
    });
    const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
    recordEvent(node, { type: "Normal", reason: "NodeNotReady", message, component: COMPONENT });
    for (const pod of pods.onNode(node.metadata.name)) if (!isFinished(pod)) declarePodUnready(pod);
  };

  const declarePodUnready = ({ metadata }: PodObject): void => {
    store.change<PodObject>("pods", metadata.name, metadata.namespace, (pod) => {
      if (!isReady(pod)) return false;
      setCondition(pod.status, { type: "Ready", status: "False" }, clock.now());
    });
  };

  /** Swaps the taint for the one wanted now, at once; a first one only as fast as the disruption of the node's zone allows. */
  const keepTaint = (node: NodeObject, disruption: Disruption): void => {
    const now = clock.now();
    const wanted = disruption.isTotal ? undefined : wantedTaint(node);
    const present = node.spec.taints?.filter(isHealthTaint) ?? [];
    if (present.length === (wanted ? 1 : 0) && present[0]?.key === wanted) return;
    if (present.length === 0) {
      const zone = zoneOf(node);
      const nextAt = (lastTainted.get(zone) ?? Number.NEGATIVE_INFINITY) + disruption.intervalMs(zone);
      if (now < nextAt) {
        if (Number.isFinite(nextAt)) rounds.at(nextAt);
        return;
      }
      lastTainted.set(zone, now);
    }
    setTaint(store, node, wanted, now);
  };

  const look = ({ metadata: { name } }: NodeObject): void => {
    const isSilent = !heartbeats.isAlive(name);
    const node = store.get<NodeObject>("nodes", name);
    if (node && isSilent && conditionOf(node, "Ready")?.status !== "Unknown") {
      const deadline = silentUntil(name);
      if (clock.now() >= deadline) declareUnknown(node);
      else rounds.at(deadline);
    }
  };

  const rounds = createRounds(clock, PERIOD_MS, () => {
    for (const node of store.list<NodeObject>("nodes")) look(node);
    const nodes = store.list<NodeObject>("nodes");
    const disruption = readDisruption(nodes);
    for (const node of nodes) keepTaint(node, disruption);
  });

  const seeNode = ({ type, object }: { type: string; object: { metadata: { name: string } } }): void => {
    const { name } = object.metadata;
    if (type === "DELETED") firstSeen.delete(name);
    else {
      if (!firstSeen.has(name)) firstSeen.set(name, clock.now());
      rounds.at(clock.now());
    }
  };

  for (const object of store.list("nodes")) seeNode({ type: "ADDED", object });
  const stops = [
    store.subscribe("nodes", seeNode),
    heartbeats.onSilence((name) => rounds.at(silentUntil(name))),
    rounds.stop,
  ];
  return () => {
    for (const stop of stops) stop();
  };
};
