/**
 * Starts instances whose records say so already: one batched call per offering, because one zone without capacity fails the whole call. Instances whose
 * records have another type are given that before. Instances that EC2 has no capacity for, or whose type it does not change, return to standby.
 */
import { isCapacityError } from "../aws/errors.ts";
import { type StartOutcome, startBatch } from "../aws/start-batch.ts";
import { afterRefusedResize, afterRefusedStarts, type InstanceStart } from "../capacity/plan-capacity.ts";
import { inParallel } from "../model/in-parallel.ts";
import { offeringKey } from "../model/unavailable-offerings.ts";
import type { KeyLease } from "../queue/types.ts";
import type { ReconcilerPorts } from "./ports.ts";
import { type RefusedResize, resizeInstances } from "./resize-instances.ts";
import { returnToStandby } from "./return-to-standby.ts";

/** As many calls as the rate limiter lets through at once; each batch may need several. */
const BATCHES_AT_ONCE = 4;

/** Instances of one offering that EC2 has no capacity for. */
export interface CapacityShortage<T extends InstanceStart> {
  /** See `offeringKey`. */
  readonly offering: string;
  readonly starts: readonly T[];
  /** EC2's error. */
  readonly error: string;
}

export interface StartedInstances<T extends InstanceStart> {
  /** EC2 is starting them, or they already run. */
  readonly started: readonly T[];
  /** These, and those whose type could not be changed, are standby again. */
  readonly shortages: readonly CapacityShortage<T>[];
  readonly refusedResizes: readonly RefusedResize<T>[];
  /** Gone, or in a state that EC2 cannot start from. */
  readonly unstartable: readonly T[];
  /** Not known to have started, for another reason. */
  readonly failed: readonly T[];
  readonly failures: readonly unknown[];
}

type Ports = Pick<ReconcilerPorts, "ec2" | "slots" | "unavailableOfferings">;

const idsOf = (starts: readonly InstanceStart[]): readonly string[] =>
  starts.flatMap(({ record }) => record.instanceId ?? []);

/** One error of each name: a batch that is split meets the same error many times. */
const distinct = (errors: readonly unknown[]): readonly unknown[] => [
  ...new Map(errors.map((error) => [error instanceof Error ? error.name : String(error), error])).values(),
];

const failureOf = (offering: string, { failed, errors }: StartOutcome): unknown[] => {
  if (failed.length === 0) return [];
  const reasons = distinct(errors.filter((error) => !isCapacityError(error)));
  return [
    new AggregateError(reasons, `starting ${failed.join(", ")} (${offering}): ${reasons.map(String).join("; ")}`),
  ];
};

const startOffering = async <T extends InstanceStart>(
  ports: Ports,
  lease: Pick<KeyLease, "assertHeld">,
  offering: string,
  all: readonly T[],
): Promise<StartedInstances<T>> => {
  const refusedResizes = await resizeInstances(ports, lease, all);
  const starts = all.filter((start) => !refusedResizes.some((refused) => refused.start === start));
  lease.assertHeld();
  const outcome = await startBatch(ports.ec2, idsOf(starts));
  const named = (ids: readonly string[]) => {
    const wanted = new Set(ids);
    return starts.filter(({ record: { instanceId } }) => instanceId !== undefined && wanted.has(instanceId));
  };
  const refused = named(outcome.withoutCapacity);
  const error = String(outcome.errors.find(isCapacityError));
  return {
    started: named(outcome.started),
    refusedResizes,
    shortages: refused.length > 0 ? [{ offering, starts: refused, error }] : [],
    unstartable: named(outcome.unstartable),
    failed: named(outcome.failed),
    failures: failureOf(offering, outcome),
  };
};

/** Does not throw for a single instance or call: the result has the failures. */
export const startInstances = async <T extends InstanceStart>(
  ports: Ports,
  cluster: string,
  lease: Pick<KeyLease, "now" | "assertHeld">,
  starts: readonly T[],
): Promise<StartedInstances<T>> => {
  const results: StartedInstances<T>[] = [];
  const batches = [...Map.groupBy(starts, ({ record }) => offeringKey(record))];
  await inParallel(batches, BATCHES_AT_ONCE, async ([offering, own]) => {
    try {
      results.push(await startOffering(ports, lease, offering, own));
    } catch (error) {
      results.push({ started: [], shortages: [], refusedResizes: [], unstartable: [], failed: own, failures: [error] });
    }
  });
  const shortages = results.flatMap((result) => result.shortages);
  const refused = shortages.flatMap((shortage) => shortage.starts);
  const refusedResizes = results.flatMap((result) => result.refusedResizes);
  const { unavailable, returned } = afterRefusedStarts(refused, lease.now());
  const unchanged = refusedResizes.map(({ start, isFinal }) => afterRefusedResize(start, isFinal, lease.now()));
  return {
    started: results.flatMap((result) => result.started),
    shortages,
    refusedResizes,
    unstartable: results.flatMap((result) => result.unstartable),
    failed: results.flatMap((result) => result.failed),
    failures: [
      ...results.flatMap((result) => result.failures),
      ...(await returnToStandby(ports, cluster, lease, unavailable, [...returned, ...unchanged])),
    ],
  };
};
