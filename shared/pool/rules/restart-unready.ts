import { startOf } from "../../model/instance-record.ts";
import { type Action, beginTransition, emitEvent } from "../actions.ts";
import type { Rule } from "../rule.ts";
import type { Instance, PoolView } from "../view.ts";
import { consoleHint } from "../warmup-outcome.ts";

/**
 * The start once more, from the beginning: the power is cut, and `repairRunning` starts what it then finds stopped with the launch
 * time of this try. That brings a hung guest back, and mostly on another host.
 */
const restart = (instance: Instance<"running">, late: string, now: number): Action[] => [
  { kind: "updateRecord", instance, set: { restartedAt: now, launchTime: instance.ec2?.launchTime } },
  { kind: "stop", instance, force: true },
  { kind: "recordMetric", metric: "startTimeouts", value: 1, labels: { outcome: "restarted" }, about: instance },
  emitEvent(
    "Warning",
    "StartTimeout",
    `${late}; starting it once more; ${consoleHint(instance.record.instanceId)}`,
    instance,
  ),
];

/** Demand has stopped counting on it long ago, so pods that wait have had another node started. */
const replace = (instance: Instance<"running">, late: string): Action[] => [
  beginTransition(instance, "terminating", "StartTimeout"),
  { kind: "recordMetric", metric: "startTimeouts", value: 1, labels: { outcome: "replaced" }, about: instance },
  emitEvent("Warning", "StartTimeout", `${late}; replacing it; ${consoleHint(instance.record.instanceId)}`, instance),
];

/** Checks take two minutes to pass or fail, so that none fails tells little. */
const whatEc2Says = ({ ec2, health }: Instance): string =>
  health?.impaired
    ? `EC2: ${ec2?.state}, and its ${health.impaired.check} status check fails`
    : `EC2: ${ec2?.state}, and no status check fails`;

const lookInto = (instance: Instance<"running">, { spec, now }: PoolView): Action[] => {
  const { record, ec2, node } = instance;
  const isStarting = record.startedAt !== undefined && record.readyAt === undefined;
  if (!isStarting || (ec2?.state !== "running" && ec2?.state !== "pending")) return [];
  const due = startOf(record) + spec.scaleUp.startTimeoutMs;
  if (now < due) return [{ kind: "requeueAt", at: due }];
  const name = node?.metadata.name ?? record.nodeName ?? record.instanceId;
  const again = record.restartedAt === undefined ? "" : ", again";
  const late = `${name} has not become Ready within ${spec.scaleUp.startTimeoutMs / 1000} s of its start${again} (${whatEc2Says(instance)})`;
  // EC2 stops no one-time spot instance, and nothing that has not come up.
  const canRestart = record.restartedAt === undefined && !ec2.spot && ec2.state === "running";
  return canRestart ? restart(instance, late, now) : replace(instance, late);
};

/** A started node that is not Ready within `scaleUp.startTimeout` is started once more, and replaced if that does not help. */
export const restartUnready: Rule = (view) => view.instances.running.flatMap((instance) => lookInto(instance, view));
