import type { ObjectMeta } from "../shared/model/kubernetes/objects.ts";
import type { Tracker } from "./reflector.ts";

/** The numbers in a NodePool's spec and status. */
export interface PoolFigures {
  readonly pool: string;
  readonly nodes: Readonly<Record<(typeof STATES)[number], number>>;
  readonly desiredStandby: number;
  readonly poolSize: number;
}

const STATES = ["warmup", "standby", "running", "stopping"] as const;

/** The parts of a NodePool that the forwarder reads. */
export interface WatchedNodePool {
  readonly metadata: ObjectMeta;
  readonly spec?: { readonly poolSize?: number; readonly minStandby?: number };
  readonly status?: Readonly<Partial<Record<(typeof STATES)[number] | "desiredStandby", number>>>;
}

export interface PoolFigureTracker extends Tracker<WatchedNodePool> {
  figures(): Iterable<PoolFigures>;
}

/** Keeps each pool's figures for `/metrics` and passes the object on to `next`. */
export const trackPoolFigures = (next: Tracker<WatchedNodePool>): PoolFigureTracker => {
  const pools = new Map<string, PoolFigures>();
  return {
    set: (name, pool) => {
      pools.set(name, figuresOf(name, pool));
      next.set(name, pool);
    },
    delete: (name) => {
      pools.delete(name);
      next.delete(name);
    },
    ids: () => next.ids(),
    figures: () => pools.values(),
  };
};

const figuresOf = (pool: string, { spec, status }: WatchedNodePool): PoolFigures => {
  const { warmup = 0, standby = 0, running = 0, stopping = 0 } = status ?? {};
  const { poolSize = 0, minStandby = 0 } = spec ?? {};
  const nodes = { warmup, standby, running, stopping };
  // Before the first reconcile no instance exists, so the target is minStandby.
  return { pool, nodes, desiredStandby: status?.desiredStandby ?? minStandby, poolSize };
};
