import { isOnHold } from "../../model/kubernetes/objects.ts";
import { type Action, beginTransition, emitEvent } from "../actions.ts";
import { leastUseful } from "../drift.ts";
import { replacementsNeeded } from "../replacement.ts";
import type { Rule } from "../rule.ts";
import { usableStandby } from "../standby-target.ts";

/**
 * Terminates standby beyond `minStandby` that has not been used for `surplusStandbyTTL`: one at a time, so that a user who lowered
 * `minStandby` by mistake has time to notice. What is about to take the pods of nodes that are due is no surplus.
 */
export const endSurplus: Rule = (view, whole) => {
  const { spec, now, deleting } = view;
  const surplus = usableStandby(view).length - spec.minStandby - replacementsNeeded(whole);
  const isUnderWay = whole.instances.terminating.some(({ record }) => record.reason === "Surplus");
  if (deleting || !spec.scaleDown.enabled || surplus <= 0 || isUnderWay) return [];
  const [instance] = leastUseful(view).filter(
    ({ record, node }) => !isOnHold(node) && now - record.stateSince >= spec.scaleDown.surplusStandbyTtlMs,
  );
  if (!instance) return [];
  const { instanceId } = instance.record;
  const message = `${instanceId} is surplus standby, unused for ${spec.scaleDown.surplusStandbyTtlMs / 1000} s; terminating it`;
  return [
    beginTransition(instance, "terminating", "Surplus"),
    emitEvent("Normal", "ScaleDown", message, instance),
  ] satisfies Action[];
};
