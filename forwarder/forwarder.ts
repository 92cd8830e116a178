import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { Registry } from "prom-client";
import type { KubeNode, KubePod, ObjectMeta } from "../shared/model/kubernetes/objects.ts";
import { API_GROUP, API_VERSION } from "../shared/model/names.ts";
import { type ForwarderClock, systemClock } from "./clock.ts";
import { sendProblems, watchProblems } from "./health.ts";
import type { KubeApi } from "./kube-api.ts";
import type { Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { trackPoolFigures, type WatchedNodePool } from "./pool-figures.ts";
import { type Reflector, reflect, type Tracker } from "./reflector.ts";
import { createSender, type Sender } from "./sender.ts";
import { trackNodes } from "./track-nodes.ts";
import { trackPods } from "./track-pods.ts";
import { trackSpecs } from "./track-specs.ts";
import { type WakeEvents, wakeEventsOf } from "./wake-events.ts";

export interface ForwarderOptions {
  readonly api: KubeApi;
  readonly eventBridge: Pick<EventBridgeClient, "send">;
  /** The cluster's name; must equal its name in the stack's `clusters`. */
  readonly cluster: string;
  readonly busName: string;
  readonly log: Log;
  readonly clock?: ForwarderClock;
  readonly random?: () => number;
  /** Asked before each request to EventBridge; by default, it may always send. */
  readonly maySend?: () => boolean;
}

export interface Forwarder {
  /** Resolves once all resources are listed. */
  readonly ready: Promise<void>;
  readonly metrics: Registry;
  /** The problems that `/readyz` reports; empty when the forwarder is ready. */
  problems(): string[];
  stop(): void;
}

/** While there are unschedulable pods, their event is repeated, because it may be lost, after pauses that double. Demand itself looks again more often. */
const REPEATS = { minMs: 10_000, maxMs: 30_000 };
const HEARTBEAT_MS = 60_000;

/** Watches a cluster and sends an event with the key to reconcile when something changes. It makes no decisions. */
export const startForwarder = (options: ForwarderOptions): Forwarder => {
  const { api, cluster, log, clock = systemClock, random = Math.random, maySend = () => true } = options;
  const events = wakeEventsOf(cluster);
  const trackers = createTrackers(events, clock, () => sender);
  const metrics = createMetrics({
    unschedulablePods: trackers.pods.unschedulableCount,
    pools: trackers.nodePools.figures,
  });
  const sender = createSender({ ...options, clock, random, metrics, maySend });

  const watch = <T extends { readonly metadata: ObjectMeta }>(resource: string, path: string, tracker: Tracker<T>) => {
    const onRestart = (reason: string) => metrics.restarted(resource, reason);
    return reflect<T>({ api, clock, random, log, resource, path, tracker, onRestart });
  };
  const stratosApi = `/apis/${API_GROUP}/${API_VERSION}`;
  const reflectors = [
    watch<KubeNode>("nodes", "/api/v1/nodes", trackers.nodes),
    watch<KubePod>("pods", "/api/v1/pods", trackers.pods),
    watch("nodepools", `${stratosApi}/nodepools`, trackers.nodePools),
    watch("awsnodeclasses", `${stratosApi}/awsnodeclasses`, trackers.nodeClasses),
  ];
  const stopHeartbeat = startHeartbeat(clock, reflectors, sender, events);
  const problems = () => {
    const now = clock.now();
    return [...watchProblems(reflectors, now), ...sendProblems(sender.lastSuccessAt(), now)];
  };
  return {
    ready: Promise.all(reflectors.map((reflector) => reflector.synced)).then(() => undefined),
    metrics: metrics.registry,
    problems,
    stop: () => {
      stopHeartbeat();
      trackers.stop();
      for (const reflector of reflectors) reflector.stop();
      sender.stop();
    },
  };
};

const createTrackers = (events: WakeEvents, clock: ForwarderClock, sender: () => Sender) => {
  const offer: Sender["offer"] = (event) => sender().offer(event);
  let cancelRepeat = () => {};
  const repeatAfter = (pauseMs: number) => {
    cancelRepeat();
    cancelRepeat = clock.after(pauseMs, () => {
      if (pods.unschedulableCount() === 0 && !pods.nodesToStart().some(nodes.isOutOfService)) return;
      offer(events.podsUnschedulable());
      repeatAfter(Math.min(pauseMs * 2, REPEATS.maxMs));
    });
  };
  const reportUnschedulable = () => {
    offer(events.podsUnschedulable());
    repeatAfter(REPEATS.minMs);
  };

  const nodes = trackNodes(events, offer);
  const pods = trackPods({
    onUnschedulable: reportUnschedulable,
    onBoundToStandby: (node) => {
      if (nodes.isOutOfService(node)) reportUnschedulable();
    },
    onNodePods: (node) => {
      const pool = nodes.poolOf(node);
      // A node that is not known yet is reported when it appears.
      if (pool !== undefined) offer(events.nodeChanged(pool, node));
    },
  });
  return {
    nodes,
    pods,
    nodePools: trackPoolFigures(trackSpecs<WatchedNodePool>((pool) => offer(events.nodePoolChanged(pool)))),
    nodeClasses: trackSpecs((nodeClass) => offer(events.nodeClassChanged(nodeClass))),
    stop: () => cancelRepeat(),
  };
};

/** No heartbeat while a watch is down, so that the ForwarderSilent alarm fires. */
const startHeartbeat = (
  clock: ForwarderClock,
  reflectors: readonly Reflector[],
  sender: Sender,
  events: WakeEvents,
): (() => void) => {
  let cancel: () => void = () => undefined;
  const beat = () => {
    if (watchProblems(reflectors, clock.now()).length === 0) sender.offer(events.heartbeat());
    cancel = clock.after(HEARTBEAT_MS, beat);
  };
  beat();
  return () => cancel();
};
