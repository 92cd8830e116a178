/**
 * Detects nodes whose kubelet stopped reporting, and maintains the NoExecute taints that follow from node health.
 * Source: kube-controller-manager's node lifecycle controller, monitorNodeHealth.
 */
import type { Clock } from "../../../clock.ts";
import { timestamp } from "../../api-server/create-store.ts";
import type { Store } from "../../api-server/store.ts";
import { createPeriodicLoop } from "../../loops/periodic-loop.ts";
import { setCondition } from "../../objects/conditions.ts";
import type { Heartbeats } from "../../objects/heartbeats.ts";
import { conditionOf, isFinished, isReady, type NodeObject, type PodObject } from "../../objects/objects.ts";
import type { PodIndex } from "../../objects/pod-index.ts";
import type { RecordEvent } from "../../objects/record-event.ts";
import { computeDisruption, type Disruption, zoneOf } from "./disruption.ts";

/** Defaults of --node-monitor-period and --node-monitor-grace-period (the latter since 1.32). */
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

/** The NoExecute taint that matches the node's Ready condition. */
const desiredTaint = (node: NodeObject): string | undefined => {
  const ready = conditionOf(node, "Ready")?.status;
  if (ready === "True") return undefined;
  return ready === "False" ? NOT_READY : UNREACHABLE;
};

const isHealthTaint = ({ key, effect }: { key: string; effect: string }): boolean =>
  effect === "NoExecute" && (key === NOT_READY || key === UNREACHABLE);

/** Sets the kubelet's conditions to Unknown, which is the controller's job once the kubelet stops reporting. */
const setUnknown = (status: NodeObject["status"], now: number): void => {
  for (const type of KUBELET_CONDITIONS) {
    const isKnown = conditionOf({ status }, type) !== undefined;
    const reason = isKnown ? "NodeStatusUnknown" : "NodeStatusNeverUpdated";
    const message = isKnown ? "Kubelet stopped posting node status." : "Kubelet never posted node status.";
    setCondition(status, { type, status: "Unknown", reason, message }, now);
  }
};

const setTaint = (store: Store, node: NodeObject, desired: string | undefined, now: number): void => {
  store.change<NodeObject>("nodes", node.metadata.name, undefined, ({ spec }) => {
    spec.taints = spec.taints?.filter((taint) => !isHealthTaint(taint)) ?? [];
    if (desired) spec.taints.push({ key: desired, effect: "NoExecute", timeAdded: timestamp(now) });
  });
};

export const monitorNodeHealth = (options: NodeHealthOptions): (() => void) => {
  const { clock, store, pods, heartbeats, recordEvent } = options;
  /** When each node was first seen. Used for nodes that never had a heartbeat. */
  const firstSeenAt = new Map<string, number>();
  /** By zone, when a node last got a NoExecute taint. */
  const lastTaintedAt = new Map<string, number>();

  const graceEndsAt = (name: string): number => {
    const now = clock.now();
    return (heartbeats.lastBeat(name, now) ?? firstSeenAt.get(name) ?? now) + GRACE_MS;
  };

  const markUnknown = (node: NodeObject): void => {
    const now = clock.now();
    store.change<NodeObject>("nodes", node.metadata.name, undefined, ({ status }) => setUnknown(status, now), {
      status: true,
    });
    const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
    recordEvent(node, { type: "Normal", reason: "NodeNotReady", message, component: COMPONENT });
    for (const pod of pods.onNode(node.metadata.name)) if (!isFinished(pod)) markPodUnready(pod);
  };

  const markPodUnready = ({ metadata }: PodObject): void => {
    store.change<PodObject>("pods", metadata.name, metadata.namespace, (pod) => {
      if (!isReady(pod)) return false;
      setCondition(pod.status, { type: "Ready", status: "False" }, clock.now());
    });
  };

  /** Replaces or removes an existing taint at once. Adds a first taint only at the rate that the zone's disruption allows. */
  const syncTaint = (node: NodeObject, disruption: Disruption): void => {
    const now = clock.now();
    const desired = disruption.isTotal ? undefined : desiredTaint(node);
    const present = node.spec.taints?.filter(isHealthTaint) ?? [];
    if (present.length === (desired ? 1 : 0) && present[0]?.key === desired) return;
    if (present.length === 0) {
      const zone = zoneOf(node);
      const nextAt = (lastTaintedAt.get(zone) ?? Number.NEGATIVE_INFINITY) + disruption.intervalMs(zone);
      if (now < nextAt) {
        if (Number.isFinite(nextAt)) periodic.runAt(nextAt);
        return;
      }
      lastTaintedAt.set(zone, now);
    }
    setTaint(store, node, desired, now);
  };

  const syncNode = ({ metadata: { name } }: NodeObject): void => {
    const isSilent = !heartbeats.isAlive(name);
    const node = store.get<NodeObject>("nodes", name);
    if (node && isSilent && conditionOf(node, "Ready")?.status !== "Unknown") {
      const deadline = graceEndsAt(name);
      if (clock.now() >= deadline) markUnknown(node);
      else periodic.runAt(deadline);
    }
  };

  const periodic = createPeriodicLoop(clock, PERIOD_MS, () => {
    for (const node of store.list<NodeObject>("nodes")) syncNode(node);
    const nodes = store.list<NodeObject>("nodes");
    const disruption = computeDisruption(nodes);
    for (const node of nodes) syncTaint(node, disruption);
  });

  const onNode = ({ type, object }: { type: string; object: { metadata: { name: string } } }): void => {
    const { name } = object.metadata;
    if (type === "DELETED") firstSeenAt.delete(name);
    else {
      if (!firstSeenAt.has(name)) firstSeenAt.set(name, clock.now());
      periodic.runAt(clock.now());
    }
  };

  for (const object of store.list("nodes")) onNode({ type: "ADDED", object });
  const stops = [
    store.subscribe("nodes", onNode),
    heartbeats.onSilence((name) => periodic.runAt(graceEndsAt(name))),
    periodic.stop,
  ];
  return () => {
    for (const stop of stops) stop();
  };
};
