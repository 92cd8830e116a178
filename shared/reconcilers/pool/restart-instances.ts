import { isCapacityError } from "../../aws/errors.ts";
import { type StartOutcome, startBatch } from "../../aws/start-batch.ts";
import { STANDBY_RESET } from "../../model/instance-record.ts";
import { offeringKey, UNAVAILABLE_FOR_MS } from "../../model/unavailable-offerings.ts";
import { type Action, emitEvent } from "../../pool/actions.ts";
import type { Instance } from "../../pool/view.ts";
import { drop, type Execution, report, writeRecord } from "./progress.ts";

type Start = Extract<Action, { kind: "start" }>;

/** Returns instances to standby and records their offering as unavailable, so that demand chooses another instead of waiting. */
const returnToStandby = async (
  execution: Execution,
  place: string,
  instances: readonly Instance[],
  outcome: StartOutcome,
) => {
  const { ports, view } = execution;
  if (instances.length === 0) return;
  const { instanceType = "", zone = "" } = instances[0]?.record ?? {};
  const message = `could not start ${instances.length} of ${place}: ${String(outcome.errors.find(isCapacityError))}`;
  await ports.unavailableOfferings.markUnavailable(view.cluster, place, view.now + UNAVAILABLE_FOR_MS);
  for (const instance of instances) {
    await writeRecord(execution, instance, {
      move: { to: "standby", reason: "InsufficientCapacity", now: view.now },
      set: STANDBY_RESET,
    });
    drop(execution, instance);
  }
  execution.progress.problem ??= { reason: "InsufficientCapacity", message };
  const labels = { instanceType, zone, step: "start" };
  await report(execution, [
    { kind: "recordMetric", metric: "capacityShortages", value: instances.length, labels },
    emitEvent("Warning", "InsufficientCapacity", message),
  ]);
  await ports.wakeQueue.enqueue("demand", [view.cluster]);
};

const recordFailures = ({ progress }: Execution, place: string, { failed, errors }: StartOutcome): void => {
  if (failed.length === 0) return;
  const error = errors.findLast((candidate) => !isCapacityError(candidate));
  const message = `starting ${failed.join(", ")} (${place}): ${String(error)}`;
  progress.failures.push(new Error(message, { cause: error }));
  progress.problem ??= { reason: "CloudProviderError", message };
};

/** Repeats starts that were decided and never reached EC2; an instance that cannot be started does not hold back others. */
export const restartInstances = async (execution: Execution, actions: readonly Start[]): Promise<void> => {
  const open = actions.filter(({ instance }) => !execution.progress.dropped.has(instance.record.slot));
  const offerings = Map.groupBy(
    open.map(({ instance }) => instance),
    ({ record }) => offeringKey(record),
  );
  for (const [place, instances] of offerings) {
    execution.assertHeld();
    const outcome = await startBatch(
      execution.ports.ec2,
      instances.flatMap(({ record }) => record.instanceId ?? []),
    );
    const named = (ids: readonly string[]) => instances.filter(({ record }) => ids.includes(record.instanceId ?? ""));
    for (const instance of named([...outcome.unable, ...outcome.failed])) drop(execution, instance);
    recordFailures(execution, place, outcome);
    await returnToStandby(execution, place, named(outcome.withoutCapacity), outcome);
  }
};
