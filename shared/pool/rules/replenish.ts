import { isStartedExternally } from "../../model/instance-record.ts";
import { type Action, emitEvent } from "../actions.ts";
import { openLaunches } from "../open-launch-request.ts";
import type { Rule } from "../rule.ts";
import { allInstances, livingOrphans, type PoolView } from "../view.ts";
import { launchBackoffUntil } from "../warmup-backoff.ts";

/** What the pool ought to have stopped or on its way there: `minStandby`, unless what is in use leaves room for fewer. */
const wantedStandby = ({ spec, instances }: PoolView): number => {
  const called = instances.running.filter(({ record }) => !isStartedExternally(record));
  const inUse = called.length + instances.terminating.length + forDemand(instances).length;
  return Math.max(0, Math.min(spec.minStandby, spec.poolSize - inUse));
};

/** What is warming up for pods that wait will not stay standby. */
const forDemand = ({ warmup }: PoolView["instances"]) => warmup.filter(({ record }) => record.overflow !== undefined);

/** Launches what is missing of the standby target, counting what is already warming up; strays are given their slots first. */
export const replenish: Rule = (view) => {
  if (view.deleting || view.nodeClass.kind !== "ready" || livingOrphans(view).length > 0) return [];
  const { warmup, standby, running, stopping } = view.instances;
  const wanted = wantedStandby(view);
  const warming = warmup.length - forDemand(view.instances).length;
  const uncalled = running.filter(({ record }) => isStartedExternally(record));
  const missing = wanted - warming - standby.length - stopping.length - uncalled.length;
  const requested = openLaunches(view).reduce((sum, launch) => sum + launch.count, 0);
  const count = Math.min(missing, view.spec.poolSize - allInstances(view).length - requested);
  if (count <= 0) return [];
  const heldUntil = launchBackoffUntil(view);
  if (view.now < heldUntil) return [{ kind: "requeueAt", at: heldUntil }];
  return [
    { kind: "launch", count, reason: "Replenish" } satisfies Action,
    emitEvent("Normal", "Replenishing", `launching ${count}; ${standby.length} of ${wanted} are standby`),
  ];
};
