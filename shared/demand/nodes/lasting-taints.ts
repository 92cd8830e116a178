import { type PoolSpec, readinessTaints } from "../../model/api/pool-spec.ts";
import type { Taint } from "../../model/kubernetes/objects.ts";
import { isPassing, sameTaint, taintId } from "../../model/kubernetes/taints.ts";

/**
 * Those of a node's taints that remain once it is up: the pool's own, and any that were added by hand. Taints that go once the network is ready
 * do not remain. `kept`, for a node out of service: the ids of others' taints that it had before; what others added since does not remain.
 */
export const lastingTaints = (
  spec: PoolSpec,
  found: readonly Taint[] = [],
  kept?: ReadonlySet<string>,
): readonly Taint[] => {
  const has = (taints: readonly Taint[], taint: Taint) => taints.some((other) => sameTaint(taint, other));
  const passes = (taint: Taint) =>
    isPassing(taint) || has(readinessTaints(spec), taint) || (kept !== undefined && !kept.has(taintId(taint)));
  return found.filter((taint) => has(spec.template.taints, taint) || !passes(taint));
};

/** The lasting taints of a node that is not running yet, with the pool's own, which it is given before it starts, whatever values it has now. */
export const taintsOnceUp = (
  spec: PoolSpec,
  found: readonly Taint[] = [],
  kept?: ReadonlySet<string>,
): readonly Taint[] => {
  const own = spec.template.taints;
  const others = lastingTaints(spec, found, kept).filter((taint) => !own.some((other) => sameTaint(taint, other)));
  return [...others, ...own];
};
