import { isReady } from "../../model/kubernetes/objects.ts";
import { type Action, beginTransition } from "../actions.ts";
import type { Rule } from "../rule.ts";

/** An instance that was launched to serve at once is running as soon as its node is Ready; it has been starting since its launch. */
export const putOverflowToWork: Rule = ({ instances, now }) =>
  instances.warmup.flatMap((instance): Action[] => {
    const { record, ec2, node } = instance;
    if (record.overflow !== "serve" || ec2?.state !== "running" || !node || !isReady(node)) return [];
    const set = { startedAt: record.stateSince, starts: 1, nodeName: node.metadata.name, warmedAt: now };
    return [
      beginTransition(instance, "running", record.reason, set),
      { kind: "recordMetric", metric: "scaleUps", value: 1, about: instance },
    ];
  });
