/** Carries out a plan: intents are recorded, EC2 is called in batches, the cluster follows, and outcomes are recorded last. */

import { isInstanceFault } from "../../aws/batches.ts";
import { isCapacityError } from "../../aws/errors.ts";
import { excludeFailingIds } from "../../aws/exclude-failing-ids.ts";
import { paths } from "../../kube/paths.ts";
import { inParallel } from "../../model/in-parallel.ts";
import { FINALIZER } from "../../model/names.ts";
import type { Action } from "../../pool/actions.ts";
import { allInstances } from "../../pool/view.ts";
import { messageOf } from "../failures.ts";
import { adopt } from "./adopt.ts";
import { applyNodes, deleteNode, deletePods, evict } from "./drain-node.ts";
import { fulfilLaunchRequest } from "./launch-for-request.ts";
import { launchStandby } from "./launch-standby.ts";
import { drop, dropFailed, type Execution, isDropped, keyOf, report, setBack, writeRecord } from "./progress.ts";
import { repeatLaunch } from "./repeat-launch.ts";
import { restartInstances } from "./restart-instances.ts";
import { lookAgainAt, reportSetbacks } from "./setbacks.ts";
import { terminate } from "./terminate.ts";

const WRITES_AT_ONCE = 25;
const CALLS_AT_ONCE = 10;

type Of<K extends Action["kind"]> = Extract<Action, { kind: K }>;
type WithInstance = Extract<Action, { instance: unknown }>;

const all = <K extends Action["kind"]>(actions: readonly Action[], kind: K): readonly Of<K>[] =>
  actions.filter((action): action is Of<K> => action.kind === kind);

/** Runs one kind of action for every instance that is still in the plan; a failure drops only that instance. */
const each = async <K extends WithInstance["kind"]>(
  execution: Execution,
  actions: readonly Action[],
  kind: K,
  limit: number,
  work: (action: Extract<WithInstance, { kind: K }>) => Promise<void>,
): Promise<void> => {
  const mine = actions.filter((action): action is Extract<WithInstance, { kind: K }> => action.kind === kind);
  await inParallel(mine, limit, async (action) => {
    if (execution.progress.dropped.has(action.instance.record.slot)) return;
    try {
      execution.assertHeld();
      await work(action);
    } catch (error) {
      dropFailed(execution, action.instance, error);
    }
  });
};

/** Of a failure and a success in the same look, the failure is recorded. */
const recordWarmupFailures = async ({ ports, view, assertHeld }: Execution, actions: readonly Action[]) => {
  const recorded = all(actions, "recordWarmupFailures");
  if (recorded.length === 0) return;
  assertHeld();
  const failures = recorded.find((action) => action.failures !== undefined)?.failures;
  await ports.slots.writeWarmupFailures({ cluster: view.cluster, pool: view.name }, failures);
};

/** Once for each offering, for as long as the longest of its marks. */
const markUnavailable = async ({ ports, view, assertHeld }: Execution, marks: readonly Of<"markUnavailable">[]) => {
  for (const [offering, own] of Map.groupBy(marks, (mark) => mark.offering)) {
    assertHeld();
    await ports.unavailableOfferings.markUnavailable(
      view.cluster,
      offering,
      Math.max(...own.map(({ until }) => until)),
    );
  }
};

const recordIntents = async (execution: Execution, actions: readonly Action[]) => {
  const { now } = execution.view;
  await recordWarmupFailures(execution, actions);
  await markUnavailable(execution, all(actions, "markUnavailable"));
  await each(execution, actions, "beginTransition", WRITES_AT_ONCE, (action) =>
    writeRecord(execution, action.instance, {
      move: { to: action.to, reason: action.reason, now },
      ...(action.set && { set: action.set }),
    }),
  );
  await each(execution, actions, "updateRecord", WRITES_AT_ONCE, (action) =>
    writeRecord(execution, action.instance, { set: action.set }),
  );
};

/** EC2's answer is shown in the pool's status. */
const recordFailure = ({ progress }: Execution, error: unknown) => {
  progress.failures.push(error);
  const reason = isCapacityError(error) ? "InsufficientCapacity" : "CloudProviderError";
  progress.problem ??= { reason, message: messageOf(error) };
};

/** One EC2 call for all instances of a kind. Instances for which it fails are dropped; the next reconcile observes them anew. */
const batch = async (
  execution: Execution,
  actions: readonly WithInstance[],
  call: (ids: readonly string[]) => Promise<void>,
): Promise<void> => {
  const mine = actions.filter(({ instance }) => !execution.progress.dropped.has(instance.record.slot));
  const ids = [...new Set(mine.flatMap(({ instance }) => instance.record.instanceId ?? []))];
  if (ids.length === 0) return;
  const failed = await excludeFailingIds(ids, async (some) => {
    execution.assertHeld();
    await call(some);
  });
  for (const error of new Set(failed.values())) if (!isInstanceFault(error)) recordFailure(execution, error);
  for (const { instance } of mine) {
    const error = failed.get(instance.record.instanceId ?? "");
    if (isInstanceFault(error)) setBack(execution, instance, error, "CloudProviderError");
    else if (error !== undefined) drop(execution, instance);
  }
};

const callEc2 = async (execution: Execution, actions: readonly Action[]) => {
  const { ec2 } = execution.ports;
  const stops = all(actions, "stop");
  const forced = stops.filter(({ force }) => force);
  const gentle = stops.filter(({ force }) => !force);
  await restartInstances(execution, all(actions, "start"));
  await batch(execution, gentle, (ids) => ec2.stopInstances(ids));
  await batch(execution, forced, (ids) => ec2.stopInstances(ids, { force: true }));
  await terminate(execution, all(actions, "terminate"));
  const tags = all(actions, "tagState");
  for (const state of new Set(tags.map((action) => action.state))) {
    const mine = tags.filter((action) => action.state === state);
    await batch(execution, mine, (ids) => ec2.tagInstances(ids, { "stratos.sh/state": state }));
  }
};

const callCluster = async (execution: Execution, actions: readonly Action[]) => {
  await applyNodes(execution, all(actions, "applyNode"));
  await each(execution, actions, "evict", CALLS_AT_ONCE, (action) => evict(execution, action.pods));
  await each(execution, actions, "deletePods", CALLS_AT_ONCE, (action) =>
    deletePods(execution, action.pods, action.force),
  );
  await each(execution, actions, "deleteNode", CALLS_AT_ONCE, (action) => deleteNode(execution, action.node));
};

/** Nothing wakes the pool for certain once its finalizer is gone, so what the table holds of it is deleted before. */
const dropFinalizer = async ({ ports, view, assertHeld }: Execution) => {
  assertHeld();
  await ports.poolItems.deleteAll({ cluster: view.cluster, pool: view.name });
  const kube = await ports.kube(view.cluster);
  const finalizers = view.finalizers.filter((finalizer) => finalizer !== FINALIZER.nodePool);
  await kube.patch(paths.nodePool(view.name), "merge", { metadata: { finalizers } });
};

/** Tokens of launches that may still have to be repeated for other slots than those. */
const pendingTokens = ({ view }: Execution, released: readonly WithInstance[]): ReadonlySet<string> => {
  const slots = new Set(released.map(({ instance }) => instance.record.slot));
  const others = allInstances(view).filter(({ record }) => record.instanceId === undefined && !slots.has(record.slot));
  return new Set(others.map(({ record }) => record.token));
};

const recordOutcomes = async (execution: Execution, actions: readonly Action[]) => {
  const { ports, view, progress } = execution;
  await each(execution, actions, "completeTransition", WRITES_AT_ONCE, (action) =>
    writeRecord(execution, action.instance, {
      move: { to: action.to, reason: action.reason, now: view.now },
      ...(action.set && { set: action.set }),
    }),
  );
  const pending = pendingTokens(execution, all(actions, "releaseSlot"));
  await each(execution, actions, "releaseSlot", WRITES_AT_ONCE, async ({ instance }) => {
    const record = progress.records.get(instance.record.slot) ?? instance.record;
    // A function that crashed right after a launch has left its parameters behind.
    if (!pending.has(record.token)) await ports.slots.dropLaunch(keyOf(execution), record.token);
    if (await ports.slots.free(keyOf(execution), record)) progress.moved = true;
  });
  for (const { instanceId } of all(actions, "forgetSpotNotice")) {
    execution.assertHeld();
    await ports.spotNotices.remove(view.cluster, instanceId);
  }
  if (all(actions, "dropFinalizer").length > 0) await dropFinalizer(execution);
};

/** A writer that was faster is not in the way for long, while a refusal may last. */
const RACE_AGAIN_MS = 2_000;

/** The latest time for the next look; undefined if nothing asks for one. */
const earliestRequeue = ({ progress, view }: Execution, actions: readonly Action[]): number | undefined => {
  const times = [
    ...all(actions, "requeueAt").flatMap(({ at, about }) => (isDropped(progress, about) ? [] : at)),
    ...progress.raced.map(() => view.now + RACE_AGAIN_MS),
    ...progress.setbacks.map(({ instance }) => lookAgainAt(instance.record, view.now)),
  ];
  return times.length > 0 ? Math.min(...times) : undefined;
};

/** Executes in the order of `ACTION_ORDER`. Failures are collected in `execution.progress`, not thrown. */
export const execute = async (
  execution: Execution,
  actions: readonly Action[],
): Promise<{ readonly requeueAt?: number }> => {
  await recordIntents(execution, actions);
  await adopt(execution, all(actions, "adopt"));
  for (const action of all(actions, "fulfilLaunchRequest")) await fulfilLaunchRequest(execution, action);
  const launched: Action[] = [];
  for (const action of all(actions, "launch")) launched.push(...(await launchStandby(execution, action)));
  for (const action of all(actions, "repeatLaunch")) await repeatLaunch(execution, action);
  await callEc2(execution, actions);
  await callCluster(execution, actions);
  await recordOutcomes(execution, actions);
  await report(execution, [...actions, ...launched]);
  const { ports, view, progress } = execution;
  reportSetbacks(ports, { cluster: view.cluster, pool: view.name }, progress.setbacks);
  const requeueAt = earliestRequeue(execution, actions);
  return requeueAt === undefined ? {} : { requeueAt };
};
