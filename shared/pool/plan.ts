import type { Action } from "./actions.ts";
import type { Rule } from "./rule.ts";
import { adoptOrphans } from "./rules/adopt-orphans.ts";
import { confirmReady } from "./rules/confirm-ready.ts";
import { deletePool } from "./rules/delete-pool.ts";
import { deleteStandbyNodes } from "./rules/delete-standby-nodes.ts";
import { drain } from "./rules/drain.ts";
import { endSurplus } from "./rules/end-surplus.ts";
import { evacuateImpaired } from "./rules/evacuate-impaired.ts";
import { finishStopping } from "./rules/finish-stopping.ts";
import { finishWarmup } from "./rules/finish-warmup.ts";
import { forgetGone } from "./rules/forget-gone.ts";
import { keepStandbyShut } from "./rules/keep-standby-shut.ts";
import { launchForDemand } from "./rules/launch-for-demand.ts";
import { launchReplacements } from "./rules/launch-replacements.ts";
import { measureStandbyShare } from "./rules/measure-standby-share.ts";
import { mirror } from "./rules/mirror.ts";
import { putOverflowToWork } from "./rules/put-overflow-to-work.ts";
import { recycleOld } from "./rules/recycle-old.ts";
import { refreshDrifted } from "./rules/refresh-drifted.ts";
import { releaseNetworkTaint } from "./rules/release-network-taint.ts";
import { releasePool } from "./rules/release-pool.ts";
import { repairRunning } from "./rules/repair-running.ts";
import { repairStandby } from "./rules/repair-standby.ts";
import { repeatLaunches } from "./rules/repeat-launches.ts";
import { replaceUnready } from "./rules/replace-unready.ts";
import { replenish } from "./rules/replenish.ts";
import { restartUnready } from "./rules/restart-unready.ts";
import { resumeBound } from "./rules/resume-bound.ts";
import { shrink } from "./rules/shrink.ts";
import { stopStartedExternally } from "./rules/stop-started-externally.ts";
import { stopWarmed } from "./rules/stop-warmed.ts";
import { stopWhenEmpty } from "./rules/stop-when-empty.ts";
import { timeOutWarmup } from "./rules/time-out-warmup.ts";
import type { Instance, PoolView } from "./view.ts";

/** First what is true already, then what was begun, then what ought to begin. An earlier rule goes before a later one. */
const RULES: readonly Rule[] = [
  forgetGone,
  repeatLaunches,
  adoptOrphans,
  deletePool,
  putOverflowToWork,
  finishWarmup,
  timeOutWarmup,
  stopWarmed,
  repairRunning,
  repairStandby,
  stopStartedExternally,
  confirmReady,
  restartUnready,
  releaseNetworkTaint,
  resumeBound,
  finishStopping,
  drain,
  evacuateImpaired,
  replaceUnready,
  recycleOld,
  stopWhenEmpty,
  shrink,
  refreshDrifted,
  endSurplus,
  deleteStandbyNodes,
  keepStandbyShut,
  mirror,
];

/** Decided on the whole pool, whatever has been claimed of it. */
const POOL_RULES: readonly Rule[] = [launchForDemand, replenish, launchReplacements, releasePool, measureStandbyShare];

/** What nobody has begun yet; a paused pool leaves it. */
const BEGINNING: ReadonlySet<Rule> = new Set([
  repairStandby,
  evacuateImpaired,
  replaceUnready,
  recycleOld,
  stopWhenEmpty,
  shrink,
  refreshDrifted,
  endSurplus,
  launchForDemand,
  replenish,
  launchReplacements,
]);

/** A pool that is being deleted goes, paused or not. */
const isInForce = (rule: Rule, { spec, deleting }: PoolView): boolean =>
  !spec.paused || deleting || !BEGINNING.has(rule);

/** Actions after which no later rule may decide on the same instance. */
const CLAIMING: ReadonlySet<Action["kind"]> = new Set([
  "beginTransition",
  "start",
  "stop",
  "terminate",
  "evict",
  "deletePods",
  "deleteNode",
  "completeTransition",
  "releaseSlot",
]);

const without = (view: PoolView, claimed: ReadonlySet<number>): PoolView => {
  const free = <T extends Instance>(instances: readonly T[]) =>
    instances.filter(({ record }) => !claimed.has(record.slot));
  const { warmup, standby, running, stopping, terminating } = view.instances;
  return {
    ...view,
    instances: {
      warmup: free(warmup),
      standby: free(standby),
      running: free(running),
      stopping: free(stopping),
      terminating: free(terminating),
    },
  };
};

/** Decides everything one reconcile of a pool has to do, in the order in which it was decided. */
export const plan = (view: PoolView): readonly Action[] => {
  const claimed = new Set<number>();
  const actions: Action[] = [];
  for (const rule of RULES.filter((one) => isInForce(one, view))) {
    for (const action of rule(without(view, claimed), view)) {
      actions.push(action);
      if (CLAIMING.has(action.kind) && "instance" in action) claimed.add(action.instance.record.slot);
    }
  }
  return [...actions, ...POOL_RULES.filter((rule) => isInForce(rule, view)).flatMap((rule) => rule(view, view))];
};
