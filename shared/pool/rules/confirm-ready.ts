import { isStarting, startOf } from "../../model/instance-record.ts";
import { isReadySince } from "../../model/kubernetes/condition-freshness.ts";
import type { Action } from "../actions.ts";
import type { Rule } from "../rule.ts";

/** A started node that is Ready is no longer starting, however late that is noticed. */
export const confirmReady: Rule = ({ instances, now }) =>
  instances.running.flatMap((instance): Action[] => {
    const { record, ec2, node } = instance;
    if (!isStarting(record) || ec2?.state !== "running" || !node || !isReadySince(node, startOf(record))) return [];
    const demandSince = record.demandSince ?? record.startedAt ?? now;
    return [
      { kind: "updateRecord", instance, set: { readyAt: now, ...(record.startFailures && { startFailures: null }) } },
      { kind: "recordMetric", metric: "scaleUpDuration", value: now - demandSince, about: instance },
    ];
  });
