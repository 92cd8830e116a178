import { isStarting } from "../../model/instance-record.ts";
import { conditionOf } from "../../model/kubernetes/objects.ts";
import { type Action, beginTransition, emitEvent } from "../actions.ts";
import type { Rule } from "../rule.ts";
import type { Instance } from "../view.ts";
import { consoleCommand } from "../warmup-outcome.ts";

/** EKS itself waits this long before it replaces a node that is not Ready ("Enable node auto repair", Amazon EKS User Guide). */
const UNREADY_FOR_MS = 30 * 60_000;
/** Same source: if more than a fifth of the nodes is not Ready, something else is broken. A single node is always replaced. */
const MAX_UNREADY_SHARE = 0.2;

/** Since when a node that was Ready is not; undefined for a node that is Ready or has never been. */
const unreadySince = ({ record, ec2, node }: Instance): number | undefined => {
  if (isStarting(record) || ec2?.state !== "running") return undefined;
  const ready = conditionOf(node, "Ready");
  if (!ready || ready.status === "True") return undefined;
  return Date.parse(ready.lastTransitionTime ?? "") || undefined;
};

/**
 * Replaces running nodes whose kubelet does not come back. Kubernetes has evicted their pods long ago, but without a kubelet they never
 * terminate, so the node is never empty; EC2's status checks may pass all the same.
 */
export const replaceUnready: Rule = ({ instances, now }) => {
  const unready = instances.running.flatMap((instance) => {
    const since = unreadySince(instance);
    return since === undefined ? [] : [{ instance, since }];
  });
  if (unready.length > Math.max(1, instances.running.length * MAX_UNREADY_SHARE)) return [];
  return unready.flatMap(({ instance, since }): Action[] => {
    const due = since + UNREADY_FOR_MS;
    if (now < due) return [{ kind: "requeueAt", at: due }];
    const { node, record } = instance;
    const late = `${node?.metadata.name} has not been Ready for ${UNREADY_FOR_MS / 60_000} min; replacing it`;
    return [
      beginTransition(instance, "terminating", "NodeUnready"),
      { kind: "recordMetric", metric: "impairedInstances", value: 1, labels: { kind: "unready" }, about: instance },
      emitEvent("Warning", "NodeUnready", `${late}; ${consoleCommand(record.instanceId)}`, instance),
    ];
  });
};
