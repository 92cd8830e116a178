import { isLeaving, leavingPods } from "../../model/kubernetes/pods.ts";
import { type Action, beginTransition } from "../actions.ts";
import type { Rule } from "../rule.ts";

/**
 * A pod that bound between the decision to stop an empty node and its cordon brings the node back instead of being evicted. Once EC2
 * has been asked to stop the instance this is too late: no answer tells how far the stop has come.
 */
export const resumeBound: Rule = ({ instances }) =>
  instances.stopping.flatMap((instance): Action[] => {
    const { record, ec2 } = instance;
    if (record.reason !== "Empty" || record.stopRequestedAt !== undefined || ec2?.state !== "running") return [];
    const bound = leavingPods(instance.pods).some((pod) => !isLeaving(pod));
    return bound ? [beginTransition(instance, "running", "PodBound", { emptySince: null, drain: null })] : [];
  });
