import type { InstanceHealth } from "../../model/ec2.ts";
import { isStarting, type TransitionReason } from "../../model/instance-record.ts";
import { rfc3339 } from "../../model/time.ts";
import { type Action, beginTransition, emitEvent } from "../actions.ts";
import { eventDue, impairmentDue } from "../interruption.ts";
import type { Rule } from "../rule.ts";
import type { Instance } from "../view.ts";
import { consoleCommand } from "../warmup-outcome.ts";

type Running = Instance<"running">;

/** A stopped instance starts on another host. One-time spot instances cannot be stopped, so they are replaced. */
const evacuate = (
  instance: Running,
  reason: TransitionReason,
  why: string,
  kind: string,
  leftEvent?: string,
): Action[] => {
  const replaced = instance.ec2?.spot || reason === "GuestImpaired";
  const set = leftEvent === undefined ? undefined : { leftEvent };
  const name = instance.node?.metadata.name ?? instance.record.instanceId;
  return [
    beginTransition(instance, replaced ? "terminating" : "stopping", reason, set),
    { kind: "recordMetric", metric: "impairedInstances", value: 1, labels: { kind }, about: instance },
    emitEvent("Warning", reason, `${why}; draining ${name} to ${replaced ? "replace" : "stop"} it`, instance),
  ];
};

const evacuateFailing = (
  instance: Running,
  impaired: NonNullable<InstanceHealth["impaired"]>,
  now: number,
): Action[] => {
  const { instanceId } = instance.record;
  const { check, since } = impaired;
  const due = impairmentDue(impaired);
  if (now < due) return [{ kind: "requeueAt", at: due }];
  const why = `${instanceId} has failed EC2's ${check} status check since ${rfc3339(since)}`;
  return check === "system"
    ? evacuate(instance, "HostImpaired", why, check)
    : evacuate(instance, "GuestImpaired", `${why}, ${consoleCommand(instanceId)}`, check);
};

const evacuateBeforeEvent = (instance: Running, event: NonNullable<InstanceHealth["event"]>, now: number): Action[] => {
  const { instanceId, toldEvent, leftEvent } = instance.record;
  const { id, code, notBefore } = event;
  if (leftEvent === id) return [];
  const why = `EC2 has scheduled ${code} of ${instanceId} for ${rfc3339(notBefore)}`;
  const due = eventDue(event);
  if (now >= due) return evacuate(instance, "ScheduledEvent", why, code, id);
  return [
    ...(toldEvent === id
      ? []
      : [
          { kind: "updateRecord", instance, set: { toldEvent: id } } as const,
          emitEvent(
            "Warning",
            "EventScheduled",
            `${why}; its node is drained at ${rfc3339(due)} unless it is empty before`,
            instance,
          ),
        ]),
    { kind: "requeueAt", at: due },
  ];
};

/** Drains running nodes whose host or guest fails EC2's status checks, or whose host is to be retired. Starting nodes have a timeout of their own. */
export const evacuateImpaired: Rule = ({ instances, now }) =>
  instances.running.flatMap((instance): Action[] => {
    const { health, record } = instance;
    if (!health || isStarting(record) || instance.ec2?.state !== "running") return [];
    const impaired = health.impaired ? evacuateFailing(instance, health.impaired, now) : [];
    // One transition is enough.
    if (!health.event || impaired.some(({ kind }) => kind === "beginTransition")) return impaired;
    return [...impaired, ...evacuateBeforeEvent(instance, health.event, now)];
  });
