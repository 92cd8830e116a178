/** Reports pods that wait because the pools that can run them are full, and what to raise. */
import { pendingSince } from "../../demand/pending-pod.ts";
import type { DemandPlan } from "../../demand/plan.ts";
import type { DemandPool } from "../../demand/view.ts";
import { podName } from "../../model/kubernetes/pods.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { tryRecordEvents } from "../record-events.ts";
import { createPodReportLimit, podReference, REPORT_AFTER_MS } from "./pod-report-limit.ts";

/** More names than this would only make the message longer. */
const MAX_POOLS = 5;

const describePools = (pools: readonly DemandPool[], pending: DemandPlan["pending"]): string => {
  const described = pools.slice(0, MAX_POOLS).map(({ name, spec }) => {
    const { unservedCount = 0 } = pending.find(({ pool }) => pool === name) ?? {};
    return `${name} (poolSize ${spec.poolSize}, ${unservedCount} ${unservedCount === 1 ? "pod waits" : "pods wait"})`;
  });
  const more = pools.length > MAX_POOLS ? ` and ${pools.length - MAX_POOLS} more` : "";
  return `${described.join(", ")}${more}`;
};

const messageFor = (pools: readonly DemandPool[], pending: DemandPlan["pending"]): string => {
  const described = describePools(pools, pending);
  return pools.length === 1
    ? `the NodePool that can run this pod is full: ${described}; raise its spec.poolSize`
    : `all NodePools that can run this pod are full: ${described}; raise spec.poolSize of one of them`;
};

/** Logs the pods and emits an event on each. A failure to emit is only logged: nothing depends on the event. */
export const createAtCapacityReporter = ({ kube, recordEvents, telemetry }: ReconcilerPorts) => {
  const due = createPodReportLimit();
  return async (
    cluster: string,
    pools: readonly DemandPool[],
    { unserved, pending }: Pick<DemandPlan, "unserved" | "pending">,
    now: number,
  ): Promise<void> => {
    const full = new Map(pools.flatMap((pool) => (pool.isFull ? [[pool.name, pool] as const] : [])));
    const waiting = unserved
      .filter(({ pools: names }) => names.every((name) => full.has(name)))
      .flatMap(({ pods, pools: names }) => {
        const own = names.flatMap((name) => full.get(name) ?? []);
        return pods.filter((pod) => now - pendingSince(pod) >= REPORT_AFTER_MS).map((pod) => ({ pod, pools: own }));
      });
    const reports = due(cluster, waiting, now).map(({ pod, pools: own }) => {
      telemetry.log.info("the pools that can run this pod are full", {
        cluster,
        pod: podName(pod),
        pools: own.map(({ name }) => name),
      });
      const message = messageFor(own, pending);
      return { object: podReference(pod), type: "Warning", reason: "PoolAtCapacity", message, now } as const;
    });
    if (reports.length > 0)
      await tryRecordEvents(await kube(cluster), { recordEvents, telemetry }, reports, { cluster });
  };
};
