import type { DemandPlan } from "../../demand/plan.ts";
import type { KeyLease } from "../../queue/types.ts";
import type { ReconcilerPorts } from "../ports.ts";
import type { Observed } from "./observe.ts";

/** Requests launches from the pools for pods that standby cannot serve: only the pool reconciler launches. */
export const requestLaunches = async (
  ports: ReconcilerPorts,
  lease: KeyLease,
  { overflow }: Observed,
  { launches }: DemandPlan,
): Promise<void> => {
  for (const [pool, planned] of Map.groupBy(launches, (launch) => launch.pool)) {
    lease.assertHeld();
    await ports.launchRequests.write(
      { cluster: lease.key, pool },
      {
        id: ports.newId(),
        askedAt: lease.now(),
        launches: planned.map(({ offering, pods, demandSince }) => ({
          instanceType: offering.instanceType,
          zone: offering.zone,
          count: pods.length,
          demandSince,
        })),
        seen: overflow.get(pool) ?? {},
      },
    );
  }
};
