import type { Action } from "./actions.ts";
import type { PoolView } from "./view.ts";

/**
 * One decision about a pool's instances. It sees those that no earlier rule has claimed, and, where it has to count, the whole
 * pool; it returns what is to be done. An action that changes what an instance is or runs on (see `CLAIMING` in plan.ts) claims
 * the instance.
 */
export type Rule = (view: PoolView, whole: PoolView) => readonly Action[];
