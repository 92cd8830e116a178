import type { DemandPlan } from "../../demand/plan.ts";
import type { Turn } from "../../queue/types.ts";
import type { ReconcilerPorts } from "../ports.ts";
import type { Observed } from "./observe.ts";

/** Only pools launch; this asks them for what their standby cannot serve. */
export const askPools = async (
  ports: ReconcilerPorts,
  turn: Turn,
  { overflow }: Observed,
  { launches }: DemandPlan,
): Promise<void> => {
  for (const [pool, wanted] of Map.groupBy(launches, (launch) => launch.pool)) {
    turn.assertHeld();
    await ports.requests.ask(
      { cluster: turn.key, pool },
      {
        id: ports.newId(),
        askedAt: turn.now(),
        launches: wanted.map(({ offer, pods, demandSince }) => ({
          instanceType: offer.instanceType,
          zone: offer.zone,
          count: pods.length,
          demandSince,
        })),
        seen: overflow.get(pool) ?? {},
      },
    );
  }
};
