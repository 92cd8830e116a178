import type { Action } from "./actions.ts";
import { align } from "./align.ts";
import { createDecisions } from "./decisions.ts";
import { onWholePool, pausable, type Rule } from "./rule.ts";
import { adoptOrphans } from "./rules/adopt-orphans.ts";
import { clearWarming } from "./rules/clear-warming.ts";
import { confirmReady } from "./rules/confirm-ready.ts";
import { deletePool } from "./rules/delete-pool.ts";
import { deleteStandbyNodes } from "./rules/delete-standby-nodes.ts";
import { drain } from "./rules/drain.ts";
import { endSurplus } from "./rules/end-surplus.ts";
import { evacuateImpaired } from "./rules/evacuate-impaired.ts";
import { finishStopping } from "./rules/finish-stopping.ts";
import { finishWarmup } from "./rules/finish-warmup.ts";
import { followInstanceType } from "./rules/follow-instance-type.ts";
import { forgetGone } from "./rules/forget-gone.ts";
import { launchForDemand } from "./rules/launch-for-demand.ts";
import { forgetSpotNotices, leaveInterrupted } from "./rules/leave-interrupted.ts";
import { measureStandbyShare } from "./rules/measure-standby-share.ts";
import { putOverflowToWork } from "./rules/put-overflow-to-work.ts";
import { recordNodeName } from "./rules/record-node-name.ts";
import { launchForOld, recycleOld } from "./rules/recycle-old.ts";
import { launchReplacements, refreshDrifted } from "./rules/refresh-drifted.ts";
import { releasePool } from "./rules/release-pool.ts";
import { repairRunning } from "./rules/repair-running.ts";
import { repeatLaunches } from "./rules/repeat-launches.ts";
import { replaceUnready } from "./rules/replace-unready.ts";
import { replenish } from "./rules/replenish.ts";
import { reportCreated } from "./rules/report-created.ts";
import { reportDegraded } from "./rules/report-degraded.ts";
import { restartUnready } from "./rules/restart-unready.ts";
import { resumeBound } from "./rules/resume-bound.ts";
import { shrink } from "./rules/shrink.ts";
import { forgetExternalStart, recordExternalStart, stopStartedExternally } from "./rules/started-externally.ts";
import { stopWarmed } from "./rules/stop-warmed.ts";
import { stopWhenEmpty } from "./rules/stop-when-empty.ts";
import { timeOutWarmup } from "./rules/time-out-warmup.ts";
import type { PoolView } from "./view.ts";

/** What is already true comes first, then what was begun, then what should begin, then launches. An earlier rule wins over a later one. */
const RULES: readonly Rule[] = [
  onWholePool(reportCreated),
  forgetGone,
  recordNodeName,
  followInstanceType,
  repeatLaunches,
  adoptOrphans,
  deletePool,
  leaveInterrupted,
  putOverflowToWork,
  finishWarmup,
  timeOutWarmup,
  stopWarmed,
  clearWarming,
  repairRunning,
  pausable(recordExternalStart),
  forgetExternalStart,
  stopStartedExternally,
  confirmReady,
  restartUnready,
  resumeBound,
  finishStopping,
  drain,
  pausable(evacuateImpaired),
  pausable(replaceUnready),
  pausable(recycleOld),
  pausable(stopWhenEmpty),
  pausable(shrink),
  pausable(refreshDrifted),
  pausable(endSurplus),
  deleteStandbyNodes,
  forgetSpotNotices,
  pausable(onWholePool(launchForDemand)),
  pausable(onWholePool(replenish)),
  pausable(onWholePool(launchReplacements)),
  pausable(onWholePool(launchForOld)),
  onWholePool(releasePool),
  onWholePool(measureStandbyShare),
  onWholePool(reportDegraded),
];

/**
 * Decides everything that one reconcile of a pool does, in the order in which it is carried out. Each rule sees the records as
 * earlier rules have changed them; node and tag of an instance are aligned once, after all rules.
 */
export const plan = (view: PoolView): readonly Action[] => {
  const decisions = createDecisions(view);
  for (const rule of RULES) decisions.add(rule(decisions.open(), view));
  for (const decision of decisions.instances()) decisions.add(align(decision, view));
  return decisions.actions();
};
