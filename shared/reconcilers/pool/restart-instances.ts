import type { InstanceStart } from "../../capacity/plan-capacity.ts";
import { type Action, emitEvent } from "../../pool/actions.ts";
import type { Instance } from "../../pool/view.ts";
import { messageOf } from "../failures.ts";
import { describeRefusedResizes } from "../resize-instances.ts";
import { type CapacityShortage, startInstances } from "../start-instances.ts";
import { currentRecord, drop, type Execution, report } from "./progress.ts";

type Start = Extract<Action, { kind: "start" }>;

interface Restart extends InstanceStart {
  readonly instance: Instance;
}

const reportShortage = async (execution: Execution, { offering, starts, error }: CapacityShortage<Restart>) => {
  const { instanceType = "", zone = "" } = starts[0]?.record ?? {};
  const message = `no capacity to start ${starts.length} ${offering}: ${error}`;
  execution.progress.problem ??= { reason: "InsufficientCapacity", message };
  const labels = { instanceType, zone, step: "start" };
  await report(execution, [
    { kind: "recordMetric", metric: "capacityShortages", value: starts.length, labels },
    emitEvent("Warning", "InsufficientCapacity", message),
  ]);
};

/**
 * Repeats starts that were decided and never reached EC2; an instance that cannot be started does not hold back others. Without capacity, demand
 * chooses another instance instead of waiting for these.
 */
export const restartInstances = async (execution: Execution, actions: readonly Start[]): Promise<void> => {
  const { ports, view, progress, assertHeld } = execution;
  const starts = actions
    .map(({ instance }): Restart => ({ pool: view.name, record: currentRecord(execution, instance), instance }))
    .filter(({ record }) => !progress.dropped.has(record.slot));
  if (starts.length === 0) return;
  const lease = { now: () => view.now, assertHeld };
  const result = await startInstances(ports, view.cluster, lease, starts);
  const { shortages, refusedResizes, unstartable, failed, failures } = result;
  const refused = [...shortages.flatMap((shortage) => shortage.starts), ...refusedResizes.map(({ start }) => start)];
  for (const { instance } of [...refused, ...unstartable, ...failed]) drop(execution, instance);
  progress.failures.push(...failures);
  for (const failure of failures) progress.problem ??= { reason: "CloudProviderError", message: messageOf(failure) };
  if (refused.length === 0) return;
  progress.moved = true;
  if (refusedResizes.length > 0)
    await report(execution, [emitEvent("Warning", "ResizeRefused", describeRefusedResizes(refusedResizes))]);
  for (const shortage of shortages) await reportShortage(execution, shortage);
  await ports.wakeQueue.enqueue("demand", [view.cluster]);
};
