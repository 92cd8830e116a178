import { type Action, beginTransition, emitEvent } from "../actions.ts";
import { leastUseful } from "../drift.ts";
import type { Rule } from "../rule.ts";

const SURPLUS = "Surplus";

/**
 * Ends standby beyond `minStandby` that nobody has needed for `surplusStandbyTTL`: one at a time, so that whoever lowered
 * `minStandby` by mistake has time to see it.
 */
export const endSurplus: Rule = (view, whole) => {
  const { spec, instances, now, deleting } = view;
  const surplus = instances.standby.length - spec.minStandby;
  const isUnderWay = whole.instances.terminating.some(({ record }) => record.reason === SURPLUS);
  if (deleting || !spec.scaleDown.enabled || surplus <= 0 || isUnderWay) return [];
  const [instance] = leastUseful(view).filter(
    ({ record }) => now - record.stateSince >= spec.scaleDown.surplusStandbyTtlMs,
  );
  if (!instance) return [];
  const { instanceId } = instance.record;
  const message = `${instanceId} is standby that nobody has needed for ${spec.scaleDown.surplusStandbyTtlMs / 1000} s; terminating it`;
  return [
    beginTransition(instance, "terminating", SURPLUS),
    emitEvent("Normal", "ScaleDown", message, instance),
  ] satisfies Action[];
};
