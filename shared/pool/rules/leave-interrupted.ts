import { interruptionOf, type SpotNotice } from "../../model/spot-notice.ts";
import { rfc3339 } from "../../model/time.ts";
import { type Action, beginTransition, emitEvent } from "../actions.ts";
import type { Rule } from "../rule.ts";
import { allInstances, type Instance } from "../view.ts";

const explain = ({ kind, at }: SpotNotice, what: string): string =>
  kind === "interruption"
    ? `EC2 will interrupt ${what} at ${rfc3339(interruptionOf({ at }))}; draining it`
    : `EC2 recommends to leave ${what}, which it may interrupt soon; draining it`;

const leave = (instance: Instance<"warmup" | "running" | "stopping">): Action[] => {
  const { record, ec2, node, notice } = instance;
  if (!notice || !ec2?.spot) return [];
  const what = node ? `${record.instanceId} (${node.metadata.name})` : `${record.instanceId}`;
  return [
    beginTransition(instance, "terminating", notice.kind === "interruption" ? "Interrupted" : "Rebalanced", {
      drain: null,
    }),
    { kind: "recordMetric", metric: "spotInterruptions", value: 1, labels: { notice: notice.kind }, about: instance },
    emitEvent("Warning", "SpotInterruption", explain(notice, what), instance),
  ];
};

/** Drains spot instances that EC2 interrupts, or is likely to, and terminates them: a spot instance cannot be stopped. */
export const leaveInterrupted: Rule = ({ instances: { warmup, running, stopping } }) =>
  [...warmup, ...running, ...stopping].flatMap(leave);

/** Removes notices about instances that are gone, and about instances that are no spot instances. */
export const forgetSpotNotices: Rule = (_, whole) => {
  const noticed = new Map(allInstances(whole).map((instance) => [instance.record.instanceId, instance]));
  return whole.spotNotices.flatMap(({ instanceId }): Action[] => {
    const instance = noticed.get(instanceId);
    const matters = instance && instance.ec2?.spot !== false;
    return matters ? [] : [{ kind: "forgetSpotNotice", instanceId }];
  });
};
