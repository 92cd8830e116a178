/** One launch: slots first, then its parameters, then the call; or a repetition of it. */

import { isCapacityError, isIdempotencyMismatch, isOutOfAddresses, isThrottled } from "../../aws/errors.ts";
import type { Ec2Instance, LaunchSpec } from "../../model/ec2.ts";
import type { InstanceRecord } from "../../model/instance-record.ts";
import type { PoolLaunchConfig } from "../../model/launch-config.ts";
import { MANAGED_BY, TAG } from "../../model/names.ts";
import { offeringKey, subnetKey, UNAVAILABLE_FOR_MS } from "../../model/unavailable-offerings.ts";
import { emitEvent } from "../../pool/actions.ts";
import { type Execution, freeSlots, keyOf, report } from "./progress.ts";

const launchSpec = (
  { view }: Execution,
  template: PoolLaunchConfig,
  {
    clientToken,
    count,
    instanceType,
    subnetId,
  }: Pick<LaunchSpec, "clientToken" | "count" | "instanceType" | "subnetId">,
): LaunchSpec => ({
  clientToken,
  count,
  imageId: template.imageId,
  instanceType,
  subnetId,
  securityGroupIds: template.securityGroupIds,
  instanceProfile: template.instanceProfile,
  ...template.userData,
  metadataOptions: template.metadataOptions,
  blockDevices: template.blockDevices,
  options: template.options,
  tags: {
    // The class's own tags first: they never override ours.
    ...template.userTags,
    [TAG.managedBy]: MANAGED_BY,
    [TAG.cluster]: view.cluster,
    [TAG.pool]: view.name,
    [TAG.state]: "warmup",
    [TAG.capacityType]: "on-demand",
    ...(view.fingerprint !== undefined && { [TAG.fingerprint]: view.fingerprint }),
    [TAG.name]: `stratos-${view.name}`,
  },
});

type Intent = Omit<InstanceRecord, "slot" | "version" | "state" | "stateSince">;

const claim = async (execution: Execution, slots: readonly number[], intent: Intent): Promise<InstanceRecord[]> => {
  const { ports, view, progress } = execution;
  const claimed: InstanceRecord[] = [];
  for (const slot of slots) {
    execution.assertHeld();
    const wanted = { slot, state: "warmup", stateSince: view.now, ...intent } as const;
    const record = await ports.slots.claim(keyOf(execution), wanted);
    if (!record) continue;
    progress.records.set(slot, record);
    claimed.push(record);
  }
  return claimed;
};

/** The launch goes first: repeated with its full count for fewer slots than it was made for, it would launch too many. */
const giveBack = async (execution: Execution, records: readonly InstanceRecord[], token: string) => {
  await execution.ports.slots.dropLaunch(keyOf(execution), token);
  for (const record of records) {
    await execution.ports.slots.free(keyOf(execution), record);
    execution.progress.records.delete(record.slot);
  }
};

/**
 * EC2 refused: nothing was launched and nothing will be by this token; for want of capacity it says so as a server's error.
 * Anything else may have been carried out; a mismatch of parameters says that something was.
 */
const isRefusal = (error: unknown): boolean =>
  isCapacityError(error) ||
  (error instanceof Error &&
    "$fault" in error &&
    error.$fault === "client" &&
    !isThrottled(error) &&
    !isIdempotencyMismatch(error));

const assign = async (execution: Execution, records: readonly InstanceRecord[], launched: readonly Ec2Instance[]) => {
  const { ports, progress } = execution;
  for (const [index, record] of records.entries()) {
    const instance = launched[index];
    if (!instance) continue;
    const written = await ports.slots.write(keyOf(execution), record, { set: { instanceId: instance.instanceId } });
    if (written) progress.records.set(record.slot, written);
  }
};

/** A subnet without addresses says nothing about its zone, in which there may be others. */
const fullPlace = (spec: LaunchSpec, zone: string, error: unknown): string =>
  isOutOfAddresses(error) ? subnetKey(spec.subnetId) : offeringKey({ instanceType: spec.instanceType, zone });

const fail = (execution: Execution, spec: LaunchSpec, error: unknown) => {
  const message = `launching ${spec.count} ${spec.instanceType} in ${spec.subnetId}: ${error instanceof Error ? error.message : String(error)}`;
  execution.progress.problem ??= { reason: "CloudProviderError", message };
  execution.progress.failures.push(new Error(message, { cause: error }));
};

/** Nothing more is asked of the place for a while; another may have room. */
const markUnavailable = async (
  execution: Execution,
  spec: LaunchSpec,
  zone: string,
  error: unknown,
): Promise<string> => {
  const { ports, view } = execution;
  const place = fullPlace(spec, zone, error);
  await ports.unavailableOfferings.markUnavailable(view.cluster, place, view.now + UNAVAILABLE_FOR_MS);
  const labels = { instanceType: spec.instanceType, zone, step: "launch" };
  const said = `could not launch ${spec.count} of ${offeringKey({ instanceType: spec.instanceType, zone })}: ${String(error)}`;
  await report(execution, [
    { kind: "recordMetric", metric: "capacityShortages", value: spec.count, labels },
    emitEvent("Warning", "InsufficientCapacity", said),
  ]);
  return place;
};

export type LaunchOutcome =
  | { readonly kind: "launched"; readonly count: number; readonly asked: number }
  /** Nothing was launched, and the place is marked. */
  | { readonly kind: "full"; readonly place: string }
  | { readonly kind: "failed" };

/** Asks EC2 for the instances of these slots; fewer than asked for leave slots free again. `known` have a record already. */
export const run = async (
  execution: Execution,
  records: readonly InstanceRecord[],
  spec: LaunchSpec,
  known: ReadonlySet<string | undefined> = new Set(),
): Promise<LaunchOutcome> => {
  const { ports, progress } = execution;
  try {
    execution.assertHeld();
    const launched = (await ports.ec2.runInstances(spec)).filter(({ instanceId }) => !known.has(instanceId));
    await assign(execution, records, launched);
    await giveBack(execution, records.slice(launched.length), spec.clientToken);
    progress.moved = true;
    return { kind: "launched", count: launched.length, asked: records.length };
  } catch (error) {
    if (isRefusal(error)) await giveBack(execution, records, spec.clientToken);
    if (isCapacityError(error)) {
      return { kind: "full", place: await markUnavailable(execution, spec, records[0]?.zone ?? "", error) };
    }
    fail(execution, spec, error);
    return { kind: "failed" };
  }
};

/** What is launched in one call. */
export interface LaunchOrder
  extends Pick<InstanceRecord, "reason" | "zone" | "instanceType" | "overflow" | "demandSince"> {
  readonly count: number;
  readonly subnetId: string;
}

export const launch = async (
  execution: Execution,
  template: PoolLaunchConfig,
  { count, subnetId, ...order }: LaunchOrder,
): Promise<LaunchOutcome> => {
  const { ports, view } = execution;
  const token = `stratos-${ports.newId()}`;
  const slots = freeSlots(execution).slice(0, count);
  const records = await claim(execution, slots, {
    token,
    images: view.images,
    fingerprint: view.fingerprint,
    ...order,
  });
  if (records.length === 0) return { kind: "launched", count: 0, asked: 0 };
  const { instanceType } = order;
  const spec = launchSpec(execution, template, { clientToken: token, count: records.length, instanceType, subnetId });
  return run(execution, records, await ports.slots.saveLaunch(keyOf(execution), spec));
};

/**
 * Repeats a launch with the parameters that were stored with it. Where the crash came before they were stored, EC2 cannot have
 * been asked yet, and the slots are given back.
 */
export const repeatLaunch = async (execution: Execution, token: string): Promise<void> => {
  const { ports, view } = execution;
  const records = view.instances.warmup
    .map(({ record }) => record)
    .filter((record) => record.token === token && record.instanceId === undefined);
  const spec = await ports.slots.readLaunch(keyOf(execution), token);
  if (!spec) return giveBack(execution, records, token);
  const answered = view.instances.warmup.filter(({ record }) => record.token === token && record.instanceId);
  await run(execution, records, spec, new Set(answered.map(({ record }) => record.instanceId)));
};
