import { isCapacityError } from "../../aws/errors.ts";
import { type StartOutcome, startBatch } from "../../aws/start-batch.ts";
import { offeringKey } from "../../model/unavailable-offerings.ts";
import { type Action, emitEvent } from "../../pool/actions.ts";
import type { Instance } from "../../pool/view.ts";
import { returnToStandby } from "../return-to-standby.ts";
import { currentRecord, drop, type Execution, report } from "./progress.ts";

type Start = Extract<Action, { kind: "start" }>;

/** Without capacity, demand chooses another instance instead of waiting for these. */
const giveUp = async (execution: Execution, key: string, instances: readonly Instance[], { errors }: StartOutcome) => {
  const { ports, view, progress, assertHeld } = execution;
  const { instanceType = "", zone = "" } = instances[0]?.record ?? {};
  if (instances.length === 0) return;
  const lease = { now: () => view.now, assertHeld };
  const returned = instances.map((instance) => ({
    pool: view.name,
    record: currentRecord(execution, instance),
    reason: "InsufficientCapacity" as const,
  }));
  progress.failures.push(...(await returnToStandby(ports, view.cluster, lease, [key], returned)));
  progress.moved = true;
  for (const instance of instances) drop(execution, instance);
  const message = `no capacity to start ${instances.length} ${key}: ${String(errors.find(isCapacityError))}`;
  progress.problem ??= { reason: "InsufficientCapacity", message };
  const labels = { instanceType, zone, step: "start" };
  await report(execution, [
    { kind: "recordMetric", metric: "capacityShortages", value: instances.length, labels },
    emitEvent("Warning", "InsufficientCapacity", message),
  ]);
  await ports.wakeQueue.enqueue("demand", [view.cluster]);
};

const recordFailures = ({ progress }: Execution, key: string, { failed, errors }: StartOutcome): void => {
  if (failed.length === 0) return;
  const error = errors.findLast((candidate) => !isCapacityError(candidate));
  const message = `starting ${failed.join(", ")} (${key}): ${String(error)}`;
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
  for (const [key, instances] of offerings) {
    execution.assertHeld();
    const outcome = await startBatch(
      execution.ports.ec2,
      instances.flatMap(({ record }) => record.instanceId ?? []),
    );
    const named = (ids: readonly string[]) => instances.filter(({ record }) => ids.includes(record.instanceId ?? ""));
    for (const instance of named([...outcome.unstartable, ...outcome.failed])) drop(execution, instance);
    recordFailures(execution, key, outcome);
    await giveUp(execution, key, named(outcome.withoutCapacity), outcome);
  }
};
