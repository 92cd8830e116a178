import { isReadySinceStart, isStarting, startOf } from "../../model/instance-record.ts";
import { type Action, beginTransition, emitEvent } from "../actions.ts";
import type { Rule } from "../rule.ts";
import type { Instance, PoolView } from "../view.ts";
import { consoleCommand } from "../warmup-outcome.ts";

/**
 * Repeats the start from the beginning: the instance is stopped by force, and `repairRunning` starts it when it finds it stopped with
 * the launch time of this attempt. That revives a hung guest, usually on another host.
 */
const restart = (instance: Instance<"running">, late: string, now: number): Action[] => [
  { kind: "updateRecord", instance, set: { restartedAt: now, launchTime: instance.ec2?.launchTime } },
  { kind: "stop", instance, force: true },
  { kind: "recordMetric", metric: "startTimeouts", value: 1, labels: { outcome: "restarted" }, about: instance },
  emitEvent(
    "Warning",
    "StartTimeout",
    `${late}; starting it once more; ${consoleCommand(instance.record.instanceId)}`,
    instance,
  ),
];

/** Demand stopped counting on the node long ago, so its pods have had another node started. */
const replace = (instance: Instance<"running">, late: string): Action[] => [
  beginTransition(instance, "terminating", "StartTimeout"),
  { kind: "recordMetric", metric: "startTimeouts", value: 1, labels: { outcome: "replaced" }, about: instance },
  emitEvent(
    "Warning",
    "StartTimeout",
    `${late}; replacing it; ${consoleCommand(instance.record.instanceId)}`,
    instance,
  ),
];

/** Status checks take two minutes to pass or fail, so no failed check proves little. */
const ec2Verdict = ({ ec2, health }: Instance): string =>
  health?.impaired
    ? `EC2: ${ec2?.state}, and its ${health.impaired.check} status check fails`
    : `EC2: ${ec2?.state}, and no status check fails`;

const checkStart = (instance: Instance<"running">, { spec, now }: PoolView): Action[] => {
  const { record, ec2, node } = instance;
  if (!isStarting(record) || (ec2?.state !== "running" && ec2?.state !== "pending")) return [];
  // A node that only waits for its network opens without it in the end.
  if (node && isReadySinceStart(node, record)) return [];
  const due = startOf(record) + spec.scaleUp.startTimeoutMs;
  if (now < due) return [{ kind: "requeueAt", at: due }];
  const name = node?.metadata.name ?? record.nodeName ?? record.instanceId;
  const again = record.restartedAt === undefined ? "" : ", again";
  const late = `${name} has not become Ready within ${spec.scaleUp.startTimeoutMs / 1000} s of its start${again} (${ec2Verdict(instance)})`;
  // EC2 does not stop one-time spot instances, nor instances that are still pending.
  const canRestart = record.restartedAt === undefined && !ec2.spot && ec2.state === "running";
  return canRestart ? restart(instance, late, now) : replace(instance, late);
};

/** Starts a node again that is not Ready within `scaleUp.startTimeout`, and replaces it if that does not help. */
export const restartUnready: Rule = (view) => view.instances.running.flatMap((instance) => checkStart(instance, view));
