/** Carries a decision out: records, then EC2, then nodes. What has no capacity is standby again, and its place is marked. */

import { isCapacityError } from "../../aws/errors.ts";
import { type StartOutcome, startBatch } from "../../aws/start-batch.ts";
import type { DemandPlan } from "../../demand/plan.ts";
import type { DemandPool, DemandView } from "../../demand/view.ts";
import { type InstanceRecord, isReclaimed, STANDBY_RESET } from "../../model/instance-record.ts";
import { offeringKey, UNAVAILABLE_FOR_MS } from "../../model/unavailable-offerings.ts";
import { desiredNode } from "../../pool/desired-node.ts";
import type { KeyLease } from "../../queue/types.ts";
import { applyNode } from "../apply-node.ts";
import { inParallel } from "../in-parallel.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { type Decided, recordStarts } from "./record-starts.ts";

const WRITES_AT_ONCE = 20;
/** As many as EC2 takes at once; each of them may come to several calls. */
const BATCHES_AT_ONCE = 4;

/** Instances of a pool that could not be started, all in one place. */
export interface CapacityShortage {
  readonly pool: DemandPool;
  readonly place: string;
  readonly records: readonly InstanceRecord[];
  /** EC2's own words. */
  readonly message: string;
}

export interface Started {
  /** With the records of those that are on their way. */
  readonly decided: readonly Decided[];
  readonly shortages: readonly CapacityShortage[];
  /** Ids of instances that turned out not to be startable, for whatever reason. */
  readonly unable: readonly string[];
  readonly failures: readonly unknown[];
}

/** The first of each kind: a batch that is halved meets the same refusal many times. */
const distinct = (errors: readonly unknown[]): readonly unknown[] => [
  ...new Map(errors.map((error) => [error instanceof Error ? error.name : String(error), error])).values(),
];

const failureOf = (place: string, { failed, errors }: StartOutcome): unknown[] => {
  if (failed.length === 0) return [];
  const reasons = distinct(errors.filter((error) => !isCapacityError(error)));
  return [new AggregateError(reasons, `starting ${failed.join(", ")} (${place}): ${reasons.map(String).join("; ")}`)];
};

/** A whole call fails for one zone without capacity, so each place has its own. */
const callStarts = async (ports: ReconcilerPorts, lease: KeyLease, decided: readonly Decided[]) => {
  const outcomes = new Map<string, StartOutcome>();
  const stopped = decided.flatMap(({ records }) => records).filter((record) => !isReclaimed(record));
  const places = [...Map.groupBy(stopped, offeringKey)];
  const failures = await inParallel(places, BATCHES_AT_ONCE, async ([place, records]) => {
    lease.assertHeld();
    outcomes.set(
      place,
      await startBatch(
        ports.ec2,
        records.flatMap(({ instanceId }) => instanceId ?? []),
      ),
    );
  });
  return { outcomes, failures };
};

const shortagesOf = (decided: readonly Decided[], outcomes: ReadonlyMap<string, StartOutcome>): CapacityShortage[] =>
  [...outcomes].flatMap(([place, { withoutCapacity, errors }]) =>
    decided.flatMap(({ pool, records }) => {
      const mine = records.filter(({ instanceId }) => instanceId !== undefined && withoutCapacity.includes(instanceId));
      const message = String(errors.find(isCapacityError));
      return mine.length > 0 ? [{ pool, place, records: mine, message }] : [];
    }),
  );

/** Marked before the records are standby again: whoever reads these must not choose them at once. */
const returnToStandby = async (
  ports: ReconcilerPorts,
  lease: KeyLease,
  places: readonly string[],
  returned: readonly { readonly pool: string; readonly record: InstanceRecord; readonly reason: string }[],
): Promise<unknown[]> => {
  const now = lease.now();
  const unmarked = await inParallel(places, WRITES_AT_ONCE, async (place) => {
    lease.assertHeld();
    await ports.unavailableOfferings.markUnavailable(lease.key, place, now + UNAVAILABLE_FOR_MS);
  });
  const unwritten = await inParallel(returned, WRITES_AT_ONCE, async ({ pool, record, reason }) => {
    lease.assertHeld();
    await ports.slots.write({ cluster: lease.key, pool }, record, {
      move: { to: "standby", reason, now },
      set: STANDBY_RESET,
    });
  });
  return [...unmarked, ...unwritten];
};

/** Uncordons while the instance boots, so that pods bind the moment its node is Ready. */
const uncordon = async (ports: ReconcilerPorts, cluster: string, decided: readonly Decided[]): Promise<unknown[]> => {
  const nodes = decided.flatMap(({ pool, records }) =>
    records.flatMap((record) => {
      const node = record.nodeName === undefined ? undefined : pool.nodes.get(record.nodeName);
      return node ? [{ pool, record, node }] : [];
    }),
  );
  return inParallel(nodes, WRITES_AT_ONCE, ({ pool, record, node }) =>
    applyNode(ports, cluster, node, desiredNode(pool.name, pool.spec, record)),
  );
};

const only = (decided: readonly Decided[], ids: ReadonlySet<string>): Decided[] =>
  decided
    .map((one) => ({ ...one, records: one.records.filter(({ instanceId = "" }) => ids.has(instanceId)) }))
    .filter(({ records }) => records.length > 0);

/** Never throws for a single instance or call; what failed is in the answer. */
export const startDecided = async (
  ports: ReconcilerPorts,
  lease: KeyLease,
  view: DemandView,
  plan: DemandPlan,
): Promise<Started> => {
  const recorded = await recordStarts(ports, lease, view, plan);
  const called = await callStarts(ports, lease, recorded.decided);
  const outcomes = [...called.outcomes.values()];
  const shortages = shortagesOf(recorded.decided, called.outcomes);
  const unable = outcomes.flatMap((outcome) => outcome.unable);
  const returned = [
    ...shortages.flatMap(({ pool, records }) =>
      records.map((record) => ({ pool: pool.name, record, reason: "InsufficientCapacity" })),
    ),
    ...only(recorded.decided, new Set(unable)).flatMap(({ pool, records }) =>
      records.map((record) => ({ pool: pool.name, record, reason: "NotStartable" })),
    ),
  ];
  const places = [...new Set(shortages.map(({ place }) => place))];
  const up = [
    ...outcomes.flatMap(({ started }) => started),
    ...recorded.decided.flatMap(({ records }) =>
      records.filter(isReclaimed).flatMap(({ instanceId }) => instanceId ?? []),
    ),
  ];
  const decided = only(recorded.decided, new Set(up));
  return {
    decided,
    shortages,
    unable,
    failures: [
      ...recorded.failures,
      ...called.failures,
      ...[...called.outcomes].flatMap(([place, outcome]) => failureOf(place, outcome)),
      ...(await uncordon(ports, lease.key, decided)),
      ...(await returnToStandby(ports, lease, places, returned)),
    ],
  };
};
