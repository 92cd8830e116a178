import { Registry } from "prom-client";
import { systemClock } from "./clock.ts";
import { type Forwarder, type ForwarderOptions, startForwarder } from "./forwarder.ts";
import { leaseProblems } from "./health.ts";
import { type ForwarderHttp, type HttpOptions, serveHttp } from "./http-server.ts";
import { contendForLease, type LeaseApi } from "./lease.ts";
import { leaderGauge } from "./metrics.ts";

export interface ReplicaOptions extends Omit<ForwarderOptions, "maySend"> {
  readonly lease: LeaseApi;
  /** Of this process; the lease's holder. */
  readonly identity: string;
  /** Where to serve `/livez`, `/readyz` and `/metrics`. */
  readonly http: HttpOptions;
}

export interface Replica {
  /** Metrics that do not depend on whether the replica holds the lease. */
  readonly metrics: Registry;
  isLeader(): boolean;
  /** Resolves when HTTP is served. */
  readonly listening: Promise<ForwarderHttp>;
  stop(): Promise<void>;
}

/**
 * One of several forwarders of a cluster. The one that holds the lease watches, sends and counts; the others wait. A new holder lists
 * everything, and so reports what changed while nobody held the lease.
 */
export const startReplica = (options: ReplicaOptions): Replica => {
  const { clock = systemClock, random = Math.random, log, identity } = options;
  let forwarder: Forwarder | undefined;
  const lease = contendForLease({
    api: options.lease,
    clock,
    random,
    log,
    identity,
    onAcquired: () => {
      log.info("holds the lease", { identity });
      forwarder = startForwarder({ ...options, clock, random, maySend: lease.isHeld });
    },
    onLost: () => {
      log.warn("no longer holds the lease", { identity });
      forwarder?.stop();
      forwarder = undefined;
    },
  });
  const leading = () => (lease.isHeld() ? forwarder : undefined);

  const metrics = new Registry();
  leaderGauge(metrics, () => leading() !== undefined);
  const allMetrics = () => Registry.merge([metrics, ...[leading()].flatMap((found) => found?.metrics ?? [])]);
  const problems = () => [...leaseProblems(lease.answeredAt(), clock.now()), ...(leading()?.problems() ?? [])];
  const listening = serveHttp(options.http, problems, allMetrics);

  return {
    metrics,
    isLeader: lease.isHeld,
    listening,
    stop: async () => {
      await lease.stop();
      await (await listening).stop();
    },
  };
};
