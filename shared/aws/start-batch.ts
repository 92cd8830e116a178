/** Starts the instances of one zone and type, as many as can be, with few calls. */
import type { InstanceState } from "../model/ec2.ts";
import { chunks, halves, isAboutAnInstance, namedBy } from "./batches.ts";
import type { Ec2 } from "./ec2.ts";
import { isCapacityError, isDenied, isThrottled } from "./errors.ts";

export interface StartOutcome {
  /** On their way, by these calls or earlier ones. */
  readonly started: readonly string[];
  /** Still stopped: there is no capacity for them. */
  readonly withoutCapacity: readonly string[];
  /** Gone, or in a state from which EC2 cannot start them. */
  readonly unable: readonly string[];
  /** Not known to have been started, for another reason. */
  readonly failed: readonly string[];
  /** What EC2 answered, one error a call. */
  readonly errors: readonly unknown[];
}

/** Four calls of this size spend EC2's whole bucket of 1000 instances («Request throttling for the Amazon EC2 API»). */
const IDS_PER_CALL = 250;
/** Four full calls, eight halvings of the one that fails, and as many again for an instance that spoils its batch. */
const MOST_CALLS = 24;

const UNDERWAY: readonly InstanceState[] = ["pending", "running"];

interface Work {
  waiting: (readonly string[])[];
  /** There is capacity for fewer than so many more: found out by a refusal, and less with each start since. */
  capacityBelow: number;
  readonly outcome: {
    readonly [K in keyof StartOutcome]: K extends "errors" ? unknown[] : string[];
  };
}

/** Half of what there may be capacity for, so that each call halves what is not known of it. */
const nextBatch = ({ waiting, capacityBelow }: Work): readonly string[] | undefined => {
  const next = waiting.shift();
  const most = Math.max(1, Math.floor(capacityBelow / 2));
  if (!next || next.length <= most) return next;
  waiting.unshift(next.slice(most));
  return next.slice(0, most);
};

/** What has become of instances whose start was refused; one that EC2 does not find is gone. */
const lookAt = async (ec2: Pick<Ec2, "describeInstances">, ids: readonly string[]) => {
  const states = new Map((await ec2.describeInstances({ ids })).map(({ instanceId, state }) => [instanceId, state]));
  const stateOf = (id: string): InstanceState => states.get(id) ?? "terminated";
  return Map.groupBy(ids, (id) => {
    if (UNDERWAY.includes(stateOf(id))) return "started";
    return stateOf(id) === "stopped" ? "stopped" : "unable";
  });
};

/** The instances are alike: what one of them lacks, all that still wait lack as well. */
const giveUpOnCapacity = (work: Work): void => {
  if (work.capacityBelow > 1) return;
  work.outcome.withoutCapacity.push(...work.waiting.flat());
  work.waiting = [];
};

/** Something about an instance fails the batch: the one that the message names, or one that halving will leave alone. */
const isolate = ({ waiting, outcome }: Work, stopped: readonly string[], error: unknown): void => {
  const named = namedBy(error);
  const culprits = stopped.length === 1 ? stopped : stopped.filter((id) => named.has(id));
  outcome.failed.push(...culprits);
  const others = stopped.filter((id) => !culprits.includes(id));
  waiting.unshift(...(culprits.length > 0 ? [others] : halves(others)).filter(({ length }) => length > 0));
};

const afterRefusal = (work: Work, batch: readonly string[], stopped: readonly string[], error: unknown): void => {
  if (stopped.length === 0) return;
  if (isCapacityError(error)) {
    work.capacityBelow = Math.min(work.capacityBelow, stopped.length);
    work.waiting.unshift(stopped);
  } else if (!isAboutAnInstance(error)) work.outcome.failed.push(...stopped);
  // What runs or is gone may have been the reason: the rest is tried as it is.
  else if (stopped.length < batch.length) work.waiting.unshift(stopped);
  else isolate(work, stopped, error);
};

/**
 * StartInstances fails as a whole for one bad id, and for want of capacity for all. After each refusal the instances are looked
 * at, since what EC2 did before it refused is not documented. Never throws for what EC2 answers to a start; throws what
 * describing throws.
 */
export const startBatch = async (
  ec2: Pick<Ec2, "startInstances" | "describeInstances">,
  ids: readonly string[],
): Promise<StartOutcome> => {
  const outcome: Work["outcome"] = { started: [], withoutCapacity: [], unable: [], failed: [], errors: [] };
  const work: Work = { waiting: chunks(ids, IDS_PER_CALL), capacityBelow: Number.POSITIVE_INFINITY, outcome };
  for (let call = 0; call < MOST_CALLS; call += 1) {
    giveUpOnCapacity(work);
    const batch = nextBatch(work);
    if (!batch) break;
    try {
      await ec2.startInstances(batch);
      outcome.started.push(...batch);
      work.capacityBelow -= batch.length;
    } catch (error) {
      outcome.errors.push(error);
      const seen = await lookAt(ec2, batch);
      outcome.started.push(...(seen.get("started") ?? []));
      outcome.unable.push(...(seen.get("unable") ?? []));
      afterRefusal(work, batch, seen.get("stopped") ?? [], error);
      if (isThrottled(error) || isDenied(error)) break;
    }
  }
  outcome.failed.push(...work.waiting.flat());
  return outcome;
};
