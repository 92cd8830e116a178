/** What makes the embedded API server a cluster: guests on the instances, a scheduler, and the controllers. */
import type { Clock } from "../clock.ts";
import type { Machines } from "../ec2/machines.ts";
import type { Store } from "../kube/store.ts";
import { startCloudController } from "./controllers/cloud-controller.ts";
import { startDisruption } from "./controllers/disruption.ts";
import { startNodeLifecycle } from "./controllers/node-lifecycle.ts";
import { startWorkloads } from "./controllers/workloads/workloads.ts";
import { startGuests } from "./guest/guests.ts";
import { startScheduler } from "./scheduler/scheduler.ts";

export interface ClusterOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly machines: Machines;
  /** Guests whose user data names another cluster never join. */
  readonly clusterName: string;
  /** 0 to 1, seeded. */
  readonly random: () => number;
}

export interface Cluster {
  stop(): void;
}

export const startCluster = (options: ClusterOptions): Cluster => {
  const { clock, store, machines } = options;
  const stops = [
    startWorkloads(clock, store),
    startDisruption(clock, store),
    startScheduler(clock, store),
    startNodeLifecycle(clock, store, machines),
    startCloudController(clock, store, machines),
    startGuests(options),
  ];
  return {
    stop: () => {
      for (const stop of stops) stop();
    },
  };
};
