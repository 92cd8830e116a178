/**
 * Executes the starts of a plan: records first, then EC2, then nodes. Instances without capacity return to standby, and their offerings are
 * recorded as unavailable.
 */

import { isCapacityError } from "../../aws/errors.ts";
import { type StartOutcome, startBatch } from "../../aws/start-batch.ts";
import type { DemandPlan } from "../../demand/plan.ts";
import type { DemandPool, DemandView } from "../../demand/view.ts";
import { inParallel } from "../../model/in-parallel.ts";
import { type InstanceRecord, isReclaimed } from "../../model/instance-record.ts";
import { offeringKey } from "../../model/unavailable-offerings.ts";
import { desiredNode } from "../../pool/desired-node.ts";
import type { KeyLease } from "../../queue/types.ts";
import { applyNode } from "../apply-node.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { type ReturnedInstance, returnToStandby } from "../return-to-standby.ts";
import { type RecordedStart, recordStarts } from "./record-starts.ts";

const WRITES_AT_ONCE = 20;
/** As many calls as the rate limiter lets through at once; each batch may need several. */
const BATCHES_AT_ONCE = 4;

/** Instances of one pool and one offering that could not be started. */
export interface CapacityShortage {
  readonly pool: DemandPool;
  /** See `offeringKey`. */
  readonly offering: string;
  readonly records: readonly InstanceRecord[];
  /** EC2's error. */
  readonly error: string;
}

export interface Started {
  /** With only the records of instances that EC2 is starting, or that were reclaimed. */
  readonly started: readonly RecordedStart[];
  readonly shortages: readonly CapacityShortage[];
  /** Ids of instances that cannot be started, for whatever reason. */
  readonly unstartable: readonly string[];
  readonly failures: readonly unknown[];
}

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

/** Starts each offering by its own calls, because one zone without capacity fails the whole call. */
const callStarts = async (ports: ReconcilerPorts, lease: KeyLease, recorded: readonly RecordedStart[]) => {
  const outcomes = new Map<string, StartOutcome>();
  const stopped = recorded.flatMap(({ records }) => records).filter((record) => !isReclaimed(record));
  const batches = [...Map.groupBy(stopped, offeringKey)];
  const failures = await inParallel(batches, BATCHES_AT_ONCE, async ([offering, records]) => {
    lease.assertHeld();
    outcomes.set(
      offering,
      await startBatch(
        ports.ec2,
        records.flatMap(({ instanceId }) => instanceId ?? []),
      ),
    );
  });
  return { outcomes, failures };
};

const shortagesOf = (
  recorded: readonly RecordedStart[],
  outcomes: ReadonlyMap<string, StartOutcome>,
): CapacityShortage[] =>
  [...outcomes].flatMap(([offering, { withoutCapacity, errors }]) =>
    recorded.flatMap(({ pool, records }) => {
      const own = records.filter(({ instanceId }) => instanceId !== undefined && withoutCapacity.includes(instanceId));
      const error = String(errors.find(isCapacityError));
      return own.length > 0 ? [{ pool, offering, records: own, error }] : [];
    }),
  );

/** Uncordons nodes while their instances boot, so that pods bind as soon as the nodes are Ready. */
const uncordon = async (
  ports: ReconcilerPorts,
  cluster: string,
  started: readonly RecordedStart[],
): Promise<unknown[]> => {
  const nodes = started.flatMap(({ pool, records }) =>
    records.flatMap((record) => {
      const node = record.nodeName === undefined ? undefined : pool.nodes.get(record.nodeName);
      return node ? [{ pool, record, node }] : [];
    }),
  );
  return inParallel(nodes, WRITES_AT_ONCE, ({ pool, record, node }) =>
    applyNode(ports, cluster, node, desiredNode(pool.name, pool.spec, record)),
  );
};

const onlyInstances = (recorded: readonly RecordedStart[], ids: ReadonlySet<string>): RecordedStart[] =>
  recorded
    .map((one) => ({ ...one, records: one.records.filter(({ instanceId = "" }) => ids.has(instanceId)) }))
    .filter(({ records }) => records.length > 0);

/** Does not throw for a single instance or call: the result has the failures. */
export const executeStarts = async (
  ports: ReconcilerPorts,
  lease: KeyLease,
  view: DemandView,
  plan: DemandPlan,
): Promise<Started> => {
  const { recorded, failures } = await recordStarts(ports, lease, view, plan);
  const called = await callStarts(ports, lease, recorded);
  const outcomes = [...called.outcomes.values()];
  const shortages = shortagesOf(recorded, called.outcomes);
  const unstartable = outcomes.flatMap((outcome) => outcome.unstartable);
  const returned: ReturnedInstance[] = [
    ...shortages.flatMap(({ pool, records }) =>
      records.map((record) => ({ pool: pool.name, record, reason: "InsufficientCapacity" as const })),
    ),
    ...onlyInstances(recorded, new Set(unstartable)).flatMap(({ pool, records }) =>
      records.map((record) => ({ pool: pool.name, record, reason: "NotStartable" as const })),
    ),
  ];
  const unavailable = [...new Set(shortages.map(({ offering }) => offering))];
  const running = [
    ...outcomes.flatMap((outcome) => outcome.started),
    ...recorded.flatMap(({ records }) => records.filter(isReclaimed).flatMap(({ instanceId }) => instanceId ?? [])),
  ];
  const started = onlyInstances(recorded, new Set(running));
  return {
    started,
    shortages,
    unstartable,
    failures: [
      ...failures,
      ...called.failures,
      ...[...called.outcomes].flatMap(([offering, outcome]) => failureOf(offering, outcome)),
      ...(await uncordon(ports, lease.key, started)),
      ...(await returnToStandby(ports, lease.key, lease, unavailable, returned)),
    ],
  };
};
