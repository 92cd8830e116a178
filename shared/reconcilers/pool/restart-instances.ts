import { isCapacityError } from "../../aws/errors.ts";
import { type StartOutcome, startBatch } from "../../aws/start-batch.ts";
import { AT_REST } from "../../model/instance-record.ts";
import { MARK_MS, placeOf } from "../../model/unavailable-offerings.ts";
import { type Action, tell } from "../../pool/actions.ts";
import type { Instance } from "../../pool/view.ts";
import { drop, type Execution, report, writeRecord } from "./progress.ts";

type Start = Extract<Action, { kind: "start" }>;

/** Standby again, and its place marked, so that demand chooses another one instead of waiting for it. */
const putBack = async (execution: Execution, place: string, instances: readonly Instance[], outcome: StartOutcome) => {
  const { ports, view } = execution;
  if (instances.length === 0) return;
  const { instanceType = "", zone = "" } = instances[0]?.record ?? {};
  const message = `could not start ${instances.length} of ${place}: ${String(outcome.errors.find(isCapacityError))}`;
  await ports.capacityMarks.mark(view.cluster, place, view.now + MARK_MS);
  for (const instance of instances) {
    await writeRecord(execution, instance, {
      move: { to: "standby", reason: "InsufficientCapacity", now: view.now },
      set: AT_REST,
    });
    drop(execution, instance);
  }
  execution.progress.problem ??= { reason: "InsufficientCapacity", message };
  const labels = { instanceType, zone, step: "start" };
  await report(execution, [
    { kind: "measure", metric: "capacityShortages", value: instances.length, labels },
    tell("Warning", "InsufficientCapacity", message),
  ]);
  await ports.waker.wake("demand", [view.cluster]);
};

const settleFailures = ({ progress }: Execution, place: string, { failed, errors }: StartOutcome): void => {
  if (failed.length === 0) return;
  const error = errors.findLast((candidate) => !isCapacityError(candidate));
  const message = `starting ${failed.join(", ")} (${place}): ${String(error)}`;
  progress.failures.push(new Error(message, { cause: error }));
  progress.problem ??= { reason: "CloudProviderError", message };
};

/** Repeats starts that were decided and never reached EC2; what cannot be started does not keep the others from it. */
export const startAgain = async (execution: Execution, actions: readonly Start[]): Promise<void> => {
  const open = actions.filter(({ instance }) => !execution.progress.dropped.has(instance.record.slot));
  const places = Map.groupBy(
    open.map(({ instance }) => instance),
    ({ record }) => placeOf(record),
  );
  for (const [place, instances] of places) {
    execution.assertHeld();
    const outcome = await startBatch(
      execution.ports.ec2,
      instances.flatMap(({ record }) => record.instanceId ?? []),
    );
    const named = (ids: readonly string[]) => instances.filter(({ record }) => ids.includes(record.instanceId ?? ""));
    for (const instance of named([...outcome.unable, ...outcome.failed])) drop(execution, instance);
    settleFailures(execution, place, outcome);
    await putBack(execution, place, named(outcome.withoutCapacity), outcome);
  }
};
