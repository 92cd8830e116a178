/** The simulated cluster: the control plane and its nodes, except for the API server. */

import type { Machines } from "../aws/ec2/machines.ts";
import type { Clock } from "../clock.ts";
import type { Store } from "./api-server/store.ts";
import { createOutage } from "./cloud/outage.ts";
import { startCloudController } from "./cloud-controller.ts";
import { collectOrphanedPods } from "./controllers/nodes/collect-orphaned-pods.ts";
import { evictByTaint } from "./controllers/nodes/evict-by-taint.ts";
import { monitorNodeHealth } from "./controllers/nodes/monitor-node-health.ts";
import { taintByCondition } from "./controllers/nodes/taint-by-condition.ts";
import { attachVolumes } from "./controllers/volumes/attach-volumes.ts";
import { startDaemonSets } from "./controllers/workloads/daemon-set.ts";
import { startDeployments } from "./controllers/workloads/deployment.ts";
import { startDisruptionBudgets } from "./controllers/workloads/disruption-budget.ts";
import { startJobs } from "./controllers/workloads/job.ts";
import { startReplicaSets } from "./controllers/workloads/replica-set.ts";
import { type ClusterFaults, planFaults } from "./kubelet/faults.ts";
import { startKubelets } from "./kubelet/kubelets.ts";
import { type NodeProfile, nodeDelays } from "./kubelet/node-profile.ts";
import { type NetworkProfile, networkPluginOf, startNetwork } from "./network/network.ts";
import { createHeartbeats } from "./objects/heartbeats.ts";
import { createPodIndex } from "./objects/pod-index.ts";
import { createEventRecorder } from "./objects/record-event.ts";
import { startScheduler } from "./scheduler/scheduler.ts";

export interface ClusterOptions {
  readonly clock: Clock;
  readonly store: Store;
  /** The EC2 instances that nodes run on. */
  readonly machines: Machines;
  /** An instance whose user data names another cluster does not join. */
  readonly clusterName: string;
  /** The cluster's network plugin; the VPC CNI by default. */
  readonly network?: NetworkProfile;
  readonly nodes?: NodeProfile;
  /** Whether instances with the role may join; every one by default. */
  readonly admitsNodes?: (roleArn: string | undefined) => boolean;
  /** Returns a number from 0 to 1. Seed it for reproducible boot times. */
  readonly random: () => number;
}

export interface Cluster {
  readonly faults: ClusterFaults;
  stop(): void;
}

/** Starts the scheduler, the controllers and the kubelets. They act only on clock timers and on events from the store and the machines. */
export const startCluster = (options: ClusterOptions): Cluster => {
  const { clock, store, network = "vpc-cni", admitsNodes = () => true } = options;
  const pods = createPodIndex(store);
  const heartbeats = createHeartbeats();
  const recordEvent = createEventRecorder(store, clock);
  const faults = planFaults();
  const outage = createOutage();
  const shared = { ...options, pods, heartbeats, recordEvent, outage, delays: nodeDelays(options.nodes) };
  const kubelets = startKubelets({ ...shared, admitsNodes, faults, networkPlugin: networkPluginOf(network) });
  const stops = [
    startScheduler(shared),
    monitorNodeHealth(shared),
    taintByCondition(shared),
    evictByTaint(shared),
    collectOrphanedPods(shared),
    startCloudController(shared),
    attachVolumes(shared),
    startReplicaSets(shared),
    startDeployments(shared),
    startDaemonSets(shared),
    startJobs(shared),
    startDisruptionBudgets(shared),
    startNetwork(network, shared),
    kubelets.stop,
    pods.stop,
  ];
  return {
    faults: { ...faults.controls, killKubelet: kubelets.killKubelet, stopCloudController: outage.setDown },
    stop: () => {
      for (const stop of stops) stop();
    },
  };
};
