import { type PoolSpec, readinessTaints } from "../../model/api/pool-spec.ts";
import type { Taint } from "../../model/kubernetes/objects.ts";
import { sameTaint } from "../../model/kubernetes/taints.ts";

/** Taints under these names come and go with what a node does: cordoned, not ready, shut down, standby. */
const PASSING = /^(?:stratos\.sh|node\.kubernetes\.io|node\.cloudprovider\.kubernetes\.io)\//;

/**
 * The taints that a node of the pool still has when it is up, of those found on it: not those that wait for its network. Somebody may
 * have put others there by hand.
 */
export const lastingTaints = (spec: PoolSpec, found: readonly Taint[] = []): readonly Taint[] => {
  const passing = readinessTaints(spec);
  const own = spec.template.taints;
  const has = (taints: readonly Taint[], taint: Taint) => taints.some((other) => sameTaint(taint, other));
  return found.filter((taint) => has(own, taint) || !(PASSING.test(taint.key) || has(passing, taint)));
};

/** With the pool's own, which nodes are given before they are started. */
export const taintsOnceUp = (spec: PoolSpec, found: readonly Taint[] = []): readonly Taint[] => {
  const lasting = lastingTaints(spec, found);
  const missing = spec.template.taints.filter((taint) => !lasting.some((other) => sameTaint(taint, other)));
  return [...lasting, ...missing];
};
