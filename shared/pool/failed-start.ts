/** Starts that EC2 accepted and undid, and starts after which the instance powered itself off. */
import { afterUndoneStart } from "../capacity/plan-capacity.ts";
import { type Ec2Instance, isSelfStopped, isUndone, undoneReason } from "../model/ec2.ts";
import { isStarting, type StartFailures } from "../model/instance-record.ts";
import { type Action, beginTransition, emitEvent, returnToStandby } from "./actions.ts";
import type { Instance } from "./view.ts";

/** An instance whose starts failed this often in a row is replaced. */
const MAX_FAILURES = 2;

/** Whether the start of an instance that EC2 shows as stopped failed: its node was never Ready, and nobody else stopped it. */
export const hasFailedToStart = ({ record }: Instance, ec2: Ec2Instance): boolean =>
  isStarting(record) && (isUndone(ec2) || isSelfStopped(ec2));

const wordsOf = (ec2: Ec2Instance): string =>
  isSelfStopped(ec2)
    ? `it powered itself off before its node was Ready (${ec2.stateReason})`
    : `EC2 undid the start: ${undoneReason(ec2)}`;

/** Returns the instance to standby, where it is the last to be started again, or replaces it after two failures. */
export const failStart = (instance: Instance<"running">, ec2: Ec2Instance, now: number): Action[] => {
  const { record } = instance;
  const failures: StartFailures = { count: (record.startFailures?.count ?? 0) + 1, at: now, message: wordsOf(ec2) };
  const isReplaced = failures.count >= MAX_FAILURES;
  const consequence = isReplaced ? `after ${failures.count} failed starts it is replaced` : "it is standby again";
  const { key, until } = afterUndoneStart(record, failures.count, now);
  return [
    ...(isUndone(ec2) ? [{ kind: "markUnavailable", offering: key, until } as const] : []),
    ...(isReplaced
      ? [beginTransition(instance, "terminating", "StartFailed", { startFailures: failures })]
      : returnToStandby(instance, "StartFailed", { startFailures: failures })),
    emitEvent(
      "Warning",
      "StartFailing",
      `${record.instanceId} did not start: ${failures.message}; ${consequence}`,
      instance,
    ),
  ];
};
