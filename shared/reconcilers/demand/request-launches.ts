import type { DemandPlan, PlannedLaunch } from "../../demand/plan.ts";
import type { NodePool } from "../../model/api/types.ts";
import { inParallel } from "../../model/in-parallel.ts";
import { podName } from "../../model/kubernetes/pods.ts";
import type { RequestedLaunch } from "../../model/launch-request.ts";
import type { KeyLease } from "../../queue/types.ts";
import { throwIfAny } from "../failures.ts";
import type { ReconcilerPorts } from "../ports.ts";
import type { Observed } from "./observe.ts";

const READS_AT_ONCE = 20;

/** Withdraws all launch requests: no pod waits any more. */
export const withdrawLaunches = async (
  ports: ReconcilerPorts,
  lease: KeyLease,
  pools: readonly NodePool[],
): Promise<void> => {
  const failures = await inParallel(pools, READS_AT_ONCE, async ({ metadata }) => {
    const key = { cluster: lease.key, pool: metadata.name };
    const request = await ports.launchRequests.read(key);
    if (!request) return;
    lease.assertHeld();
    await ports.launchRequests.take(key, request.id);
  });
  throwIfAny(failures, `withdrawing launch requests of ${lease.key}`);
};

/** An item of the table has at most 400 KB. Pods that are left out are packed again at the next look. */
const MAX_POD_NAME_CHARS = 200_000;

/** With the pods of each node, of the first nodes if there are too many pods for one item. */
const requestedLaunches = (planned: readonly PlannedLaunch[]): readonly RequestedLaunch[] => {
  let chars = 0;
  return planned.map(({ offering, pods, demandSince }) => {
    const names = pods.map((own) => own.map(podName));
    const fitting = names.findIndex((own) => {
      chars += own.join().length;
      return chars > MAX_POD_NAME_CHARS;
    });
    return {
      instanceType: offering.instanceType,
      zone: offering.zone,
      count: pods.length,
      demandSince,
      pods: fitting < 0 ? names : names.slice(0, fitting),
    };
  });
};

/** Requests launches from the pools for pods that standby cannot serve: only the pool reconciler launches. Withdraws earlier requests that no pod needs. */
export const requestLaunches = async (
  ports: ReconcilerPorts,
  lease: KeyLease,
  { overflow, requests }: Observed,
  { launches }: DemandPlan,
): Promise<void> => {
  for (const [pool, planned] of Map.groupBy(launches, (launch) => launch.pool)) {
    lease.assertHeld();
    await ports.launchRequests.write(
      { cluster: lease.key, pool },
      {
        id: ports.newId(),
        askedAt: lease.now(),
        launches: requestedLaunches(planned),
        seen: overflow.get(pool) ?? {},
      },
    );
  }
  const requested = new Set(launches.map(({ pool }) => pool));
  for (const [pool, { id }] of requests) {
    if (requested.has(pool)) continue;
    lease.assertHeld();
    await ports.launchRequests.take({ cluster: lease.key, pool }, id);
  }
};
