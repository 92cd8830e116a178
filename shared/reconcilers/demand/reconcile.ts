/** The demand reconciler, the hot path: pods that found no node → standby instances to start. */
import { planDemand } from "../../demand/plan-demand.ts";
import type { Reconcile, Turn, TurnOutcome } from "../../queue/types.ts";
import { noteZones } from "../note-zones.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { createObserveDemand, type ObserveDemand } from "./observe.ts";
import { tellShortages, tellStarts } from "./report-starts.ts";
import { createTellUnmatched } from "./report-unschedulable.ts";
import { askPools } from "./request-launches.ts";
import { startDecided } from "./start.ts";

/** While pods stay unserved they are looked at again this often, whatever events come. */
const LOOK_AGAIN_MS = 15_000;
/** The first choice of places and two others; what finds no capacity there waits for the next look. */
const MAX_ROUNDS = 3;

/** Made once for a function's life: what changes seldom is not read each time, and what was told is not told each time. */
interface Parts {
  readonly ports: ReconcilerPorts;
  readonly observe: ObserveDemand;
  readonly tellUnmatched: ReturnType<typeof createTellUnmatched>;
}

/** `again`: something could not be started and may be elsewhere. */
const round = async (
  { ports, observe, tellUnmatched }: Parts,
  turn: Turn,
  unable: Set<string>,
  failures: unknown[],
): Promise<"served" | "again" | "nothing"> => {
  const cluster = turn.key;
  const observed = await observe(cluster, turn.now(), unable);
  if (!observed) return "nothing";
  const plan = planDemand(observed.view);
  const started = await startDecided(ports, turn, observed.view, plan);
  for (const id of started.unable) unable.add(id);
  failures.push(...started.failures);
  await askPools(ports, turn, observed, plan);
  // The pool takes it from here: readiness, replenishment, and what a failed start left behind.
  const pools = [...plan.starts, ...plan.launches, ...plan.short].map(({ pool }) => `${cluster}/${pool}`);
  await ports.waker.wake("pool", [...new Set(pools)]);
  for (const { pool, records } of started.decided) {
    const zones = records.map(({ zone }) => zone);
    await noteZones(ports, { cluster, pool: pool.name }, zones, turn.now());
  }
  await tellStarts(ports, cluster, started.decided, turn.now());
  await tellShortages(ports, cluster, started.shortages, turn.now());
  await tellUnmatched(cluster, plan.unmatched, turn.now());
  return started.shortages.length > 0 || started.unable.length > 0 ? "again" : "served";
};

/**
 * Where instances could not be started, it decides anew without them and their places: so another zone or type is next, then
 * what the pool can launch, then time.
 */
const reconcileDemand = async (parts: Parts, turn: Turn): Promise<TurnOutcome> => {
  const failures: unknown[] = [];
  const unable = new Set<string>();
  for (let count = 1; count <= MAX_ROUNDS; count += 1) {
    const result = await round(parts, turn, unable, failures);
    if (result === "nothing" && failures.length === 0) return {};
    if (result !== "again") break;
  }
  if (failures.length > 0) {
    const reasons = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
    throw new AggregateError(failures, `demand of ${turn.key}: ${reasons.join("; ")}`);
  }
  return { wakeAt: turn.now() + LOOK_AGAIN_MS };
};

export const createDemandReconcile = (ports: ReconcilerPorts): Reconcile => {
  const parts: Parts = { ports, observe: createObserveDemand(ports), tellUnmatched: createTellUnmatched(ports) };
  return (turn) => reconcileDemand(parts, turn);
};
