import { type PoolSpec, readinessTaints } from "../../model/api/pool-spec.ts";
import type { Taint } from "../../model/kubernetes/objects.ts";
import { sameTaint } from "../../model/kubernetes/taints.ts";

/** Taints that come and go with a node's state: cordoned, not ready, shut down, standby. */
const TRANSIENT = /^(?:stratos\.sh|node\.kubernetes\.io|node\.cloudprovider\.kubernetes\.io)\//;

/**
 * Those of a node's taints that remain once it is up: the pool's own, and any that were added by hand. Taints that go once the network is ready
 * do not remain.
 */
export const lastingTaints = (spec: PoolSpec, found: readonly Taint[] = []): readonly Taint[] => {
  const readiness = readinessTaints(spec);
  const own = spec.template.taints;
  const has = (taints: readonly Taint[], taint: Taint) => taints.some((other) => sameTaint(taint, other));
  return found.filter((taint) => has(own, taint) || !(TRANSIENT.test(taint.key) || has(readiness, taint)));
};

/** The lasting taints of a node that is not running yet, with the pool's own, which it is given before it starts. */
export const taintsOnceUp = (spec: PoolSpec, found: readonly Taint[] = []): readonly Taint[] => {
  const lasting = lastingTaints(spec, found);
  const missing = spec.template.taints.filter((taint) => !lasting.some((other) => sameTaint(taint, other)));
  return [...lasting, ...missing];
};
