import { type Action, begin } from "../actions.ts";
import { leavingPods } from "../pods.ts";
import type { Rule } from "../rule.ts";

/** A pod that bound between the decision to stop an empty node and its cordon brings the node back instead of being evicted. */
export const resumeBound: Rule = ({ instances }) =>
  instances.stopping.flatMap((instance): Action[] => {
    if (instance.record.reason !== "Empty" || instance.ec2?.state !== "running") return [];
    const bound = leavingPods(instance.pods).some((pod) => !pod.metadata.deletionTimestamp);
    return bound ? [begin(instance, "running", "PodBound", { emptySince: null })] : [];
  });
