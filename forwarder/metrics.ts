import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { PoolFigures } from "./pool-figures.ts";

/** The forwarder's Prometheus metrics. */
export interface ForwarderMetrics {
  readonly registry: Registry;
  sent(detailType: string, lagMs: number): void;
  failed(code: string): void;
  restarted(resource: string, reason: string): void;
}

/** Read at each scrape. */
export interface MetricSources {
  unschedulablePods(): number;
  pools(): Iterable<PoolFigures>;
}

export const createMetrics = (sources: MetricSources): ForwarderMetrics => {
  const registry = new Registry();
  const registers = [registry];
  const sent = new Counter({
    name: "stratos_forwarder_events_sent_total",
    help: "Events accepted by EventBridge",
    labelNames: ["detail_type"],
    registers,
  });
  const failed = new Counter({
    name: "stratos_forwarder_events_failed_total",
    help: "Events not accepted by EventBridge; all except malformed ones are retried",
    labelNames: ["code"],
    registers,
  });
  const lag = new Histogram({
    name: "stratos_forwarder_lag_seconds",
    help: "Time from observing a change to EventBridge accepting its event",
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers,
  });
  const restarts = new Counter({
    name: "stratos_forwarder_watch_restarts_total",
    help: "Watches that ended and were restarted",
    labelNames: ["resource", "reason"],
    registers,
  });
  new Gauge({
    name: "stratos_forwarder_unschedulable_pods",
    help: "Pods waiting for a node",
    registers,
    collect() {
      this.set(sources.unschedulablePods());
    },
  });
  addPoolGauges(registry, sources.pools);
  return {
    registry,
    sent: (detailType, lagMs) => {
      sent.inc({ detail_type: detailType });
      lag.observe(lagMs / 1000);
    },
    failed: (code) => failed.inc({ code }),
    restarted: (resource, reason) => restarts.inc({ resource, reason }),
  };
};

/** Also of a replica that waits, which has no other metric of its own. */
export const leaderGauge = (registry: Registry, isLeader: () => boolean): void => {
  new Gauge({
    name: "stratos_forwarder_leader",
    help: "1 for the replica that holds the lease; the others wait and have no figures of pools and events",
    registers: [registry],
    collect() {
      this.set(isLeader() ? 1 : 0);
    },
  });
};

const addPoolGauges = (registry: Registry, pools: MetricSources["pools"]): void => {
  const registers = [registry];
  new Gauge({
    name: "stratos_nodepool_nodes_total",
    help: "Instances of a pool by state",
    labelNames: ["pool", "state"],
    registers,
    collect() {
      this.reset();
      for (const { pool, nodes } of pools()) {
        for (const [state, count] of Object.entries(nodes)) this.set({ pool, state }, count);
      }
    },
  });
  new Gauge({
    name: "stratos_nodepool_desired_standby",
    help: "Desired standby instances: minStandby, or fewer if poolSize leaves less room",
    labelNames: ["pool"],
    registers,
    collect() {
      this.reset();
      for (const { pool, desiredStandby } of pools()) this.set({ pool }, desiredStandby);
    },
  });
  new Gauge({
    name: "stratos_nodepool_pool_size",
    help: "Maximum number of instances in the pool",
    labelNames: ["pool"],
    registers,
    collect() {
      this.reset();
      for (const { pool, poolSize } of pools()) this.set({ pool }, poolSize);
    },
  });
};
