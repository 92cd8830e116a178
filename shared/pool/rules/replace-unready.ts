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

type Running = Instance<"running">;

const hasStarted = ({ record, ec2 }: Running): boolean => !isStarting(record) && ec2?.state === "running";

/** Since when a started node is not Ready, or its object does not exist; undefined for a node that is Ready or has never been. */
const unreadySince = ({ record, node }: Running, now: number): number | undefined => {
  if (!node) return record.nodeMissingSince ?? now;
  const ready = conditionOf(node, "Ready");
  if (!ready || ready.status === "True") return undefined;
  return Date.parse(ready.lastTransitionTime ?? "") || undefined;
};

/** No condition tells how long a node object has been missing. */
const recordMissingNode = (instance: Running, now: number): Action[] => {
  const isMissing = hasStarted(instance) && !instance.node;
  const isRecorded = instance.record.nodeMissingSince !== undefined;
  return isMissing === isRecorded
    ? []
    : [{ kind: "updateRecord", instance, set: { nodeMissingSince: isMissing ? now : null } }];
};

const replace = (instance: Running, since: number, now: number): Action[] => {
  const { node, record } = instance;
  const due = since + UNREADY_FOR_MS;
  if (now < due) return [{ kind: "requeueAt", at: due }];
  const what = node ? `${node.metadata.name} has not been Ready` : `${record.instanceId} has had no node object`;
  const late = `${what} for ${UNREADY_FOR_MS / 60_000} min; replacing it`;
  return [
    beginTransition(instance, "terminating", "NodeUnready"),
    { kind: "recordMetric", metric: "impairedInstances", value: 1, labels: { kind: "unready" }, about: instance },
    emitEvent("Warning", "NodeUnready", `${late}; ${consoleCommand(record.instanceId)}`, instance),
  ];
};

/**
 * Replaces running nodes whose kubelet does not come back, or never came. Kubernetes has evicted their pods long ago, but without a kubelet they never
 * terminate, so the node is never empty; EC2's status checks may pass all the same.
 */
export const replaceUnready: Rule = ({ instances, now }) => {
  const recorded = instances.running.flatMap((instance) => recordMissingNode(instance, now));
  const unready = instances.running.filter(hasStarted).flatMap((instance) => {
    const since = unreadySince(instance, now);
    return since === undefined ? [] : [{ instance, since }];
  });
  if (unready.length > Math.max(1, instances.running.length * MAX_UNREADY_SHARE)) return recorded;
  return [...recorded, ...unready.flatMap(({ instance, since }) => replace(instance, since, now))];
};
