import { isLeaving, leavingPods } from "../../model/kubernetes/pods.ts";
import { type Action, beginTransition } from "../actions.ts";
import type { Rule } from "../rule.ts";

/**
 * A pod that bound between the decision to stop an empty node and its cordon brings the node back instead of being evicted; not
 * once EC2 has been asked to stop it, for then no answer says how far that has come.
 */
export const resumeBound: Rule = ({ instances }) =>
  instances.stopping.flatMap((instance): Action[] => {
    const { record, ec2 } = instance;
    if (record.reason !== "Empty" || record.stopRequestedAt !== undefined || ec2?.state !== "running") return [];
    const bound = leavingPods(instance.pods).some((pod) => !isLeaving(pod));
    return bound ? [beginTransition(instance, "running", "PodBound", { emptySince: null, drain: null })] : [];
  });
