import { startOf } from "../../model/instance-record.ts";
import { isReadySince } from "../../model/kubernetes/condition-freshness.ts";
import { sameTaint } from "../../model/kubernetes/taints.ts";
import { ANNOTATION, TAINT } from "../../model/names.ts";
import type { Action } from "../actions.ts";
import type { Rule } from "../rule.ts";

/**
 * A started node that is Ready is no longer starting. The cloud-controller-manager may have put its shutdown taint back while
 * it still saw the instance as stopped; pods would wait up to 5 s for it to notice, so it is taken off here.
 */
export const confirmReady: Rule = ({ instances, now }) =>
  instances.running.flatMap((instance): Action[] => {
    const { record, ec2, node } = instance;
    if (!node || !isReadySince(node, startOf(record)) || ec2?.state !== "running") return [];
    const shutdown = (node.spec?.taints ?? []).some((taint) => sameTaint(taint, TAINT.shutdown));
    const unshut: Action[] = shutdown
      ? [{ kind: "applyNode", instance, node, shape: { removeTaints: [TAINT.shutdown] } }]
      : [];
    if (record.readyAt !== undefined || record.startedAt === undefined) return unshut;
    return [
      ...unshut,
      { kind: "updateRecord", instance, set: { readyAt: now } },
      { kind: "applyNode", instance, node, shape: { annotations: { [ANNOTATION.scaleUpStarted]: null } } },
      { kind: "recordMetric", metric: "scaleUpDuration", value: now - (record.demandSince ?? record.startedAt) },
    ];
  });
