import type { InstanceTrouble } from "../../model/ec2.ts";
import { rfc3339 } from "../../model/time.ts";
import { type Action, begin, tell } from "../actions.ts";
import type { Instance, Rule } from "../view.ts";
import { consoleHint } from "../warmup-outcome.ts";

/** EC2 moves an instance off a broken host by itself within minutes where it can ("Automatic instance recovery", User Guide). */
const IMPAIRED_FOR_MS = 5 * 60_000;
/** Long enough for any drain; until then its pods may finish. Mostly it is empty and stopped once before, which settles it. */
const LEAVE_AHEAD_MS = 60 * 60_000;

type Running = Instance<"running">;

/** The next start of a stopped instance is on another host. One-time spot instances cannot be stopped. */
const leave = (instance: Running, reason: string, why: string, kind: string, leftEvent?: string): Action[] => {
  const replaced = instance.ec2?.spot || reason === "GuestImpaired";
  const set = leftEvent === undefined ? undefined : { leftEvent };
  const name = instance.node?.metadata.name ?? instance.record.instanceId;
  return [
    begin(instance, replaced ? "terminating" : "stopping", reason, set),
    { kind: "measure", metric: "instanceTroubles", value: 1, labels: { kind }, about: instance },
    tell("Warning", reason, `${why}; draining ${name} to ${replaced ? "replace" : "stop"} it`, instance),
  ];
};

const leaveImpaired = (
  instance: Running,
  { check, since }: NonNullable<InstanceTrouble["impaired"]>,
  now: number,
): Action[] => {
  const { instanceId } = instance.record;
  const due = since + IMPAIRED_FOR_MS;
  if (now < due) return [{ kind: "wakeAt", at: due }];
  const why = `${instanceId} has failed EC2's ${check} status check since ${rfc3339(since)}`;
  return check === "system"
    ? leave(instance, "HostImpaired", why, check)
    : leave(instance, "GuestImpaired", `${why}, ${consoleHint(instanceId)}`, check);
};

const leaveBefore = (
  instance: Running,
  { id, code, notBefore }: NonNullable<InstanceTrouble["event"]>,
  now: number,
): Action[] => {
  const { instanceId, toldEvent, leftEvent } = instance.record;
  if (leftEvent === id) return [];
  const why = `EC2 has planned ${code} of ${instanceId} for ${rfc3339(notBefore)}`;
  const due = notBefore - LEAVE_AHEAD_MS;
  if (now >= due) return leave(instance, "ScheduledEvent", why, code, id);
  return [
    ...(toldEvent === id
      ? []
      : [
          { kind: "note", instance, set: { toldEvent: id } } as const,
          tell(
            "Warning",
            "EventScheduled",
            `${why}; its node is drained at ${rfc3339(due)} unless it is empty before`,
            instance,
          ),
        ]),
    { kind: "wakeAt", at: due },
  ];
};

/** Drains running nodes whose host or guest EC2 finds broken, or whose host it wants back; those that start are looked into anyway. */
export const leaveTroubled: Rule = ({ instances, now }) =>
  instances.running.flatMap((instance): Action[] => {
    const { trouble, record } = instance;
    const isStarting = record.startedAt !== undefined && record.readyAt === undefined;
    if (!trouble || isStarting || instance.ec2?.state !== "running") return [];
    const impaired = trouble.impaired ? leaveImpaired(instance, trouble.impaired, now) : [];
    // One move is enough.
    if (!trouble.event || impaired.some(({ kind }) => kind === "begin")) return impaired;
    return [...impaired, ...leaveBefore(instance, trouble.event, now)];
  });
