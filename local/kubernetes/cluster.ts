/** The embedded cluster's moving parts: all of a control plane and its nodes but the API server itself. */

import type { Machines } from "../aws/ec2/machines.ts";
import type { Clock } from "../clock.ts";
import type { Store } from "./api-server/store.ts";
import { startCloudController } from "./cloud-controller.ts";
import { collectPods } from "./controllers/nodes/collect-pods.ts";
import { evictByTaint } from "./controllers/nodes/evict-by-taint.ts";
import { markConditions } from "./controllers/nodes/mark-conditions.ts";
import { watchNodeHealth } from "./controllers/nodes/watch-health.ts";
import { startDaemonSets } from "./controllers/workloads/daemon-set.ts";
import { startDeployments } from "./controllers/workloads/deployment.ts";
import { startDisruptionBudgets } from "./controllers/workloads/disruption-budget.ts";
import { startJobs } from "./controllers/workloads/job.ts";
import { startReplicaSets } from "./controllers/workloads/replica-set.ts";
import { type ClusterFaults, planFaults } from "./faults.ts";
import { createHeartbeats } from "./heartbeats.ts";
import { startKubelets } from "./kubelet/kubelets.ts";
import { createPodIndex } from "./pod-index.ts";
import { createEventRecorder } from "./record-event.ts";
import { startScheduler } from "./scheduler/scheduler.ts";

export interface ClusterOptions {
  readonly clock: Clock;
  readonly store: Store;
  /** The instances that nodes run on. */
  readonly machines: Machines;
  /** Guests whose user data names another cluster do not join. */
  readonly clusterName: string;
  /** From 0 to 1; seeded, so that the same seed gives the same boot times. */
  readonly random: () => number;
}

export interface Cluster {
  readonly faults: ClusterFaults;
  stop(): void;
}

/** Starts everything; it works by the clock's timers alone, and by what the store and the machines tell. */
export const startCluster = (options: ClusterOptions): Cluster => {
  const { clock, store } = options;
  const pods = createPodIndex(store);
  const heartbeats = createHeartbeats();
  const recordEvent = createEventRecorder(store, clock);
  const faults = planFaults();
  const shared = { ...options, pods, heartbeats, recordEvent };
  const guests = startKubelets({ ...shared, faults });
  const stops = [
    startScheduler(shared),
    watchNodeHealth(shared),
    markConditions(shared),
    evictByTaint(shared),
    collectPods(shared),
    startCloudController(shared),
    startReplicaSets(shared),
    startDeployments(shared),
    startDaemonSets(shared),
    startJobs(shared),
    startDisruptionBudgets(shared),
    guests.stop,
    pods.stop,
  ];
  return {
    faults: { ...faults.controls, killKubelet: guests.killKubelet },
    stop: () => {
      for (const stop of stops) stop();
    },
  };
};
