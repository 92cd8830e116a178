import { networkTaints, type PoolSpec } from "../../model/api/pool-spec.ts";
import { isStarting } from "../../model/instance-record.ts";
import { leavingPods } from "../../model/kubernetes/pods.ts";
import { sameTaint } from "../../model/kubernetes/taints.ts";
import { type Action, beginTransition, emitEvent } from "../actions.ts";
import { retirement } from "../retirement.ts";
import type { Rule } from "../rule.ts";
import type { Instance } from "../view.ts";

const recordEmptySince = (instance: Instance, emptySince: number | null): Action => ({
  kind: "updateRecord",
  instance,
  set: { emptySince },
});

/**
 * A node that is starting or that waits for its network is empty because no pod can come yet; both waits are bounded. Of an instance whose node is
 * neither found nor recorded, no pods are known.
 */
const isOpen = ({ record, node }: Instance, spec: PoolSpec): boolean =>
  !isStarting(record) &&
  (node !== undefined || record.nodeName !== undefined) &&
  !node?.spec?.taints?.some((taint) => networkTaints(spec).some((it) => sameTaint(taint, it)));

/** Returns nodes to standby that have been open to pods and empty for `emptyNodeTTL`; a pod that binds meanwhile cancels it. */
export const stopWhenEmpty: Rule = ({ spec, instances, now }) => {
  if (!spec.scaleDown.enabled) return [];
  return instances.running.flatMap((instance): Action[] => {
    const { record } = instance;
    if (!isOpen(instance, spec)) return [];
    if (leavingPods(instance.pods).length > 0) {
      return record.emptySince === undefined ? [] : [recordEmptySince(instance, null)];
    }
    const due = (record.emptySince ?? now) + spec.scaleDown.emptyNodeTtlMs;
    if (now < due) {
      const requeue: Action = { kind: "requeueAt", at: due };
      return record.emptySince === undefined ? [recordEmptySince(instance, now), requeue] : [requeue];
    }
    const retired = retirement(instance, spec);
    const empty = `${record.nodeName ?? record.instanceId} was empty for ${spec.scaleDown.emptyNodeTtlMs / 1000} s`;
    return [
      retired ? beginTransition(instance, "terminating", "Retired") : beginTransition(instance, "stopping", "Empty"),
      { kind: "recordMetric", metric: "scaleDowns", value: 1, about: instance },
      emitEvent(
        "Normal",
        "ScaleDown",
        retired ? `${empty}; replacing it, because ${retired}` : `${empty}; stopping it`,
        instance,
      ),
    ];
  });
};
