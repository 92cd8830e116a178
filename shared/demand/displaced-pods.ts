/** Pods that are about to lose their node: they are demand before they are pending, so that the next node is Ready sooner. */
import type { InstanceRecord } from "../model/instance-record.ts";
import type { KubePod } from "../model/kubernetes/objects.ts";
import { isLeaving, leavingPods, podName } from "../model/kubernetes/pods.ts";
import type { SpotNotice } from "../model/spot-notice.ts";
import { rfc3339 } from "../model/time.ts";

/**
 * The pods of an interrupted node, as the pending pods that will take their place. `open`: the records of nodes that are open and no longer in flight;
 * a pod that one of them was started for since the notice has its place. A pod that is leaving has its successor already, or has none.
 */
export const displacedPods = (
  notice: SpotNotice,
  pods: readonly KubePod[],
  open: readonly InstanceRecord[],
): readonly KubePod[] => {
  const served = new Set(open.flatMap(({ openedAt = 0, pods: own = [] }) => (openedAt >= notice.at ? own : [])));
  return pods
    .filter((pod) => leavingPods([pod]).length > 0 && !isLeaving(pod) && !served.has(podName(pod)))
    .map((pod) => asPending(pod, notice));
};

const asPending = ({ metadata, spec: { nodeName, ...spec } }: KubePod, { at }: SpotNotice): KubePod => ({
  metadata,
  spec,
  status: {
    phase: "Pending",
    conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", lastTransitionTime: rfc3339(at) }],
  },
});
