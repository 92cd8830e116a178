/** The progress of one execution: which records were written, which races were lost, what failed. */
import { KubeError } from "../../kube/client.ts";
import type { InstanceRecord } from "../../model/instance-record.ts";
import type { PoolState } from "../../model/instance-state.ts";
import type { PoolKey } from "../../model/keys.ts";
import type { Action } from "../../pool/actions.ts";
import type { Problem } from "../../pool/status.ts";
import { allInstances, type Instance, type PoolView } from "../../pool/view.ts";
import type { RecordWrite } from "../../state/slots-table.ts";
import { messageOf } from "../failures.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { recordPoolEvents } from "../record-events.ts";
import { isObjectRefused, type Setback } from "./setbacks.ts";

export interface Progress {
  /** The record as last written, by slot. */
  readonly records: Map<number, InstanceRecord>;
  /** Slots whose record somebody else wrote since it was read, or for which a call failed: the rest of their plan is dropped. */
  readonly dropped: Set<number>;
  readonly failures: unknown[];
  readonly setbacks: Setback[];
  /** Instances whose node somebody else changed since it was read. */
  readonly raced: Instance[];
  /** The number of instances launched in each subnet, by subnet id. */
  readonly launchedIn: Map<string, number>;
  problem: Problem | undefined;
  /** True once a state was entered or left, so that the next round has something to do at once. */
  moved: boolean;
}

export interface Execution {
  readonly ports: ReconcilerPorts;
  readonly view: PoolView;
  readonly progress: Progress;
  /** Throws when the lease ends; called before each mutating call. */
  assertHeld(): void;
}

export const newProgress = (): Progress => ({
  records: new Map(),
  dropped: new Set(),
  failures: [],
  setbacks: [],
  raced: [],
  launchedIn: new Map(),
  problem: undefined,
  moved: false,
});

export const currentRecord = ({ progress }: Execution, { record }: Instance): InstanceRecord =>
  progress.records.get(record.slot) ?? record;

/** Drops the instance from the rest of the plan; the next reconcile observes it anew. */
export const drop = ({ progress }: Execution, instance: Instance): void => {
  progress.dropped.add(instance.record.slot);
};

const isConflict = (error: unknown): boolean => error instanceof KubeError && error.status === 409;

/** Drops the instance because of a failure that concerns no other. */
export const setBack = (
  execution: Execution,
  instance: Instance,
  error: unknown,
  reason: "ClusterError" | "CloudProviderError",
): void => {
  const { progress } = execution;
  drop(execution, instance);
  progress.setbacks.push({ instance, error });
  progress.problem ??= { reason, message: messageOf(error) };
};

/** Drops the instance because a call about it failed. A conflict is no failure: what was decided may no longer be right. */
export const dropFailed = (execution: Execution, instance: Instance, error: unknown): void => {
  const { progress } = execution;
  drop(execution, instance);
  if (isConflict(error)) progress.raced.push(instance);
  else if (isObjectRefused(error)) setBack(execution, instance, error, "ClusterError");
  else progress.failures.push(error);
};

/** Writes the record; a lost race drops the instance. */
export const writeRecord = async (
  execution: Execution,
  instance: Instance,
  change: RecordWrite & { move?: { to: PoolState } },
): Promise<void> => {
  const { ports, view, progress } = execution;
  execution.assertHeld();
  const key = { cluster: view.cluster, pool: view.name };
  const written = await ports.slots.write(key, currentRecord(execution, instance), change);
  if (!written) return drop(execution, instance);
  progress.records.set(instance.record.slot, written);
  if (change.move) progress.moved = true;
};

export const keyOf = ({ view }: Execution): PoolKey => ({ cluster: view.cluster, pool: view.name });

const takenSlots = ({ view, progress }: Execution): ReadonlySet<number> =>
  new Set([...allInstances(view).map(({ record }) => record.slot), ...progress.records.keys()]);

/** Numbers of the free slots. */
export const freeSlots = (execution: Execution): number[] => {
  const taken = takenSlots(execution);
  return Array.from({ length: execution.view.spec.poolSize }, (_, index) => index + 1).filter(
    (slot) => !taken.has(slot),
  );
};

/** The lowest numbers without a record, beyond `poolSize` if there are not enough within it. */
export const unusedSlots = (execution: Execution, count: number): number[] => {
  const taken = takenSlots(execution);
  const numbers = Array.from({ length: taken.size + count }, (_, index) => index + 1);
  return numbers.filter((slot) => !taken.has(slot)).slice(0, count);
};

export const isDropped = ({ dropped }: Progress, about: Instance | undefined): boolean =>
  about !== undefined && dropped.has(about.record.slot);

/** Also recorded by cluster: CloudWatch computes the percentile of one metric only, and the alarm on it is over all pools. */
const OVER_ALL_POOLS: Extract<Action, { kind: "recordMetric" }>["metric"] = "scaleUpDuration";

/** Records metrics and events together: similar events become one. */
export const report = async ({ ports, view, progress }: Execution, actions: readonly Action[]): Promise<void> => {
  const { cluster, name: pool } = view;
  for (const action of actions) {
    if (action.kind !== "recordMetric" || isDropped(progress, action.about)) continue;
    ports.telemetry.recordMetric(action.metric, action.value, { Cluster: cluster, Pool: pool }, action.labels);
    if (action.metric === OVER_ALL_POOLS)
      ports.telemetry.recordMetric(action.metric, action.value, { Cluster: cluster });
  }
  const events = actions
    .filter((action) => action.kind === "emitEvent")
    .filter(({ about }) => !isDropped(progress, about));
  if (events.length > 0) await recordPoolEvents(await ports.kube(cluster), ports, { ...view, pool }, events);
};
