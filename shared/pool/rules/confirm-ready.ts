import { isShutToPods } from "../../model/api/pool-spec.ts";
import { isStarting, startOf } from "../../model/instance-record.ts";
import { isReadySince } from "../../model/kubernetes/condition-freshness.ts";
import type { Action } from "../actions.ts";
import type { Rule } from "../rule.ts";

/**
 * A started node that is Ready is no longer starting, however late that is noticed. When it is open to pods as well is recorded for demand, which keeps
 * its room for a while longer.
 */
export const confirmReady: Rule = ({ instances, spec, now }) =>
  instances.running.flatMap((instance): Action[] => {
    const { record, ec2, node } = instance;
    if (record.startedAt === undefined || record.openedAt !== undefined) return [];
    if (ec2?.state !== "running" || !node || !isReadySince(node, startOf(record))) return [];
    const opened = isShutToPods(node, spec) ? {} : { openedAt: now };
    if (!isStarting(record)) return "openedAt" in opened ? [{ kind: "updateRecord", instance, set: opened }] : [];
    const demandSince = record.demandSince ?? record.startedAt;
    const healthy = record.startFailures && { startFailures: null };
    return [
      { kind: "updateRecord", instance, set: { readyAt: now, ...opened, ...healthy } },
      { kind: "recordMetric", metric: "scaleUpDuration", value: now - demandSince, about: instance },
    ];
  });
