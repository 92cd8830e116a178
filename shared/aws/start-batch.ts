/** Starts as many instances of one zone and type as possible, with few calls. */
import type { InstanceState } from "../model/ec2.ts";
import { chunks, halves, instanceIdsIn, isInstanceFault } from "./batches.ts";
import type { Ec2 } from "./ec2.ts";
import { isCapacityError, isDenied, isThrottled } from "./errors.ts";

export interface StartOutcome {
  /** Pending or running, from these calls or earlier ones. */
  readonly started: readonly string[];
  /** Still stopped: EC2 has no capacity for them. */
  readonly withoutCapacity: readonly string[];
  /** Gone, or in a state that EC2 cannot start from. */
  readonly unstartable: readonly string[];
  /** Not known to have started, for another reason. */
  readonly failed: readonly string[];
  /** One error per failed call. */
  readonly errors: readonly unknown[];
}

/** Four calls of this size empty EC2's token bucket of 1000 instances ("Request throttling for the Amazon EC2 API"). */
const IDS_PER_CALL = 250;
/** Four full calls, eight halvings of the one that fails, and the same again for an instance that makes its batch fail. */
const MAX_CALLS = 24;

const UNDERWAY: readonly InstanceState[] = ["pending", "running"];

interface Work {
  pending: (readonly string[])[];
  /** Capacity for fewer than this many more instances: set by a capacity error, reduced by each start since. */
  capacityBelow: number;
  readonly outcome: {
    readonly [K in keyof StartOutcome]: K extends "errors" ? unknown[] : string[];
  };
}

/** At most half of the possible capacity: a binary search for the real capacity. */
const nextBatch = ({ pending, capacityBelow }: Work): readonly string[] | undefined => {
  const next = pending.shift();
  const maxSize = Math.max(1, Math.floor(capacityBelow / 2));
  if (!next || next.length <= maxSize) return next;
  pending.unshift(next.slice(maxSize));
  return next.slice(0, maxSize);
};

/** Groups the instances of a failed start by their state now; an instance that EC2 does not find is gone. */
const groupByState = async (ec2: Pick<Ec2, "describeInstances">, ids: readonly string[]) => {
  const states = new Map((await ec2.describeInstances({ ids })).map(({ instanceId, state }) => [instanceId, state]));
  const stateOf = (id: string): InstanceState => states.get(id) ?? "terminated";
  return Map.groupBy(ids, (id) => {
    if (UNDERWAY.includes(stateOf(id))) return "started";
    return stateOf(id) === "stopped" ? "stopped" : "unstartable";
  });
};

/** All instances have the same type and zone: without capacity for one, there is none for the rest. */
const stopWithoutCapacity = (work: Work): void => {
  if (work.capacityBelow > 1) return;
  work.outcome.withoutCapacity.push(...work.pending.flat());
  work.pending = [];
};

/** Isolates the instance that made the batch fail: the one named in the message, or else by halving the batch. */
const isolate = ({ pending, outcome }: Work, stopped: readonly string[], error: unknown): void => {
  const named = instanceIdsIn(error);
  const culprits = stopped.length === 1 ? stopped : stopped.filter((id) => named.has(id));
  outcome.failed.push(...culprits);
  const others = stopped.filter((id) => !culprits.includes(id));
  pending.unshift(...(culprits.length > 0 ? [others] : halves(others)).filter(({ length }) => length > 0));
};

const requeueAfterError = (work: Work, batch: readonly string[], stopped: readonly string[], error: unknown): void => {
  if (stopped.length === 0) return;
  if (isCapacityError(error)) {
    work.capacityBelow = Math.min(work.capacityBelow, stopped.length);
    work.pending.unshift(stopped);
  } else if (!isInstanceFault(error)) work.outcome.failed.push(...stopped);
  // An instance that is running or gone may have caused the error: retry the rest as one batch.
  else if (stopped.length < batch.length) work.pending.unshift(stopped);
  else isolate(work, stopped, error);
};

/**
 * StartInstances fails as a whole for one bad id, and when capacity does not suffice for all. After each error the instances are
 * described, because the documentation does not say what EC2 did before it failed. Does not throw errors of StartInstances; throws
 * those of DescribeInstances.
 */
export const startBatch = async (
  ec2: Pick<Ec2, "startInstances" | "describeInstances">,
  ids: readonly string[],
): Promise<StartOutcome> => {
  const outcome: Work["outcome"] = { started: [], withoutCapacity: [], unstartable: [], failed: [], errors: [] };
  const work: Work = { pending: chunks(ids, IDS_PER_CALL), capacityBelow: Number.POSITIVE_INFINITY, outcome };
  for (let call = 0; call < MAX_CALLS; call += 1) {
    stopWithoutCapacity(work);
    const batch = nextBatch(work);
    if (!batch) break;
    try {
      await ec2.startInstances(batch);
      outcome.started.push(...batch);
      work.capacityBelow -= batch.length;
    } catch (error) {
      outcome.errors.push(error);
      const byState = await groupByState(ec2, batch);
      outcome.started.push(...(byState.get("started") ?? []));
      outcome.unstartable.push(...(byState.get("unstartable") ?? []));
      requeueAfterError(work, batch, byState.get("stopped") ?? [], error);
      if (isThrottled(error) || isDenied(error)) break;
    }
  }
  outcome.failed.push(...work.pending.flat());
  return outcome;
};
