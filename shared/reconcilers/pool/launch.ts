/** One launch: its slots are claimed, its parameters stored, then EC2 is called; or a repetition of that call. */

import { isCapacityError, isIdempotencyMismatch, isOutOfAddresses, isThrottled } from "../../aws/errors.ts";
import type { Ec2Instance, LaunchSpec } from "../../model/ec2.ts";
import type { InstanceRecord } from "../../model/instance-record.ts";
import type { PoolLaunchConfig } from "../../model/launch-config.ts";
import { MANAGED_BY, TAG } from "../../model/names.ts";
import { offeringKey, subnetKey, UNAVAILABLE_FOR_MS } from "../../model/unavailable-offerings.ts";
import { emitEvent } from "../../pool/actions.ts";
import { messageOf } from "../failures.ts";
import { type Execution, freeSlots, keyOf, report } from "./progress.ts";

const launchSpec = (
  { view }: Execution,
  config: PoolLaunchConfig,
  {
    clientToken,
    count,
    instanceType,
    subnetId,
  }: Pick<LaunchSpec, "clientToken" | "count" | "instanceType" | "subnetId">,
): LaunchSpec => ({
  clientToken,
  count,
  imageId: config.imageId,
  instanceType,
  subnetId,
  securityGroupIds: config.securityGroupIds,
  instanceProfile: config.instanceProfile,
  ...config.userData,
  metadataOptions: config.metadataOptions,
  blockDevices: config.blockDevices,
  options: config.options,
  tags: {
    // The class's own tags come first, so that they never override ours.
    ...config.userTags,
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

/** The stored launch is dropped first: repeated with its full count for fewer slots, it would launch too many instances. */
const releaseSlots = async (execution: Execution, records: readonly InstanceRecord[], token: string) => {
  await execution.ports.slots.dropLaunch(keyOf(execution), token);
  for (const record of records) {
    await execution.ports.slots.free(keyOf(execution), record);
    execution.progress.records.delete(record.slot);
  }
};

/**
 * EC2 refused: nothing was launched and nothing will be under this token. Missing capacity is a server error; any other server error
 * may have been carried out, and a mismatch of parameters proves that something was.
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

/** A subnet without free addresses says nothing about other subnets of its zone. */
const unavailableKey = (spec: LaunchSpec, zone: string, error: unknown): string =>
  isOutOfAddresses(error) ? subnetKey(spec.subnetId) : offeringKey({ instanceType: spec.instanceType, zone });

const fail = (execution: Execution, spec: LaunchSpec, error: unknown) => {
  const message = `launching ${spec.count} ${spec.instanceType} in ${spec.subnetId}: ${messageOf(error)}`;
  execution.progress.problem ??= { reason: "CloudProviderError", message };
  execution.progress.failures.push(new Error(message, { cause: error }));
};

/** Records that the offering, or the subnet, is unavailable for a while; another may have capacity. */
const markUnavailable = async (
  execution: Execution,
  spec: LaunchSpec,
  zone: string,
  error: unknown,
): Promise<string> => {
  const { ports, view } = execution;
  const key = unavailableKey(spec, zone, error);
  await ports.unavailableOfferings.markUnavailable(view.cluster, key, view.now + UNAVAILABLE_FOR_MS);
  const labels = { instanceType: spec.instanceType, zone, step: "launch" };
  const said = `no capacity to launch ${spec.count} ${offeringKey({ instanceType: spec.instanceType, zone })}: ${String(error)}`;
  await report(execution, [
    { kind: "recordMetric", metric: "capacityShortages", value: spec.count, labels },
    emitEvent("Warning", "InsufficientCapacity", said),
  ]);
  return key;
};

export type LaunchOutcome =
  | { readonly kind: "launched"; readonly count: number; readonly asked: number }
  /** Nothing was launched; `key` names the offering or subnet that is now recorded as unavailable. */
  | { readonly kind: "unavailable"; readonly key: string }
  | { readonly kind: "failed" };

/** Launches the instances of these slots; slots for which EC2 returns no instance are released. `known` instances have records. */
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
    await releaseSlots(execution, records.slice(launched.length), spec.clientToken);
    progress.moved = true;
    return { kind: "launched", count: launched.length, asked: records.length };
  } catch (error) {
    if (isRefusal(error)) await releaseSlots(execution, records, spec.clientToken);
    if (isCapacityError(error)) {
      return { kind: "unavailable", key: await markUnavailable(execution, spec, records[0]?.zone ?? "", error) };
    }
    fail(execution, spec, error);
    return { kind: "failed" };
  }
};

/** The parameters of one launch. */
export interface LaunchOrder
  extends Pick<InstanceRecord, "reason" | "zone" | "instanceType" | "overflow" | "demandSince"> {
  readonly count: number;
  readonly subnetId: string;
}

export const launch = async (
  execution: Execution,
  config: PoolLaunchConfig,
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
  const spec = launchSpec(execution, config, { clientToken: token, count: records.length, instanceType, subnetId });
  return run(execution, records, await ports.slots.saveLaunch(keyOf(execution), spec));
};

/**
 * Repeats a launch with its stored parameters. If the crash came before they were stored, EC2 was never called, and the slots are
 * released.
 */
export const repeatLaunch = async (execution: Execution, token: string): Promise<void> => {
  const { ports, view } = execution;
  const records = view.instances.warmup
    .map(({ record }) => record)
    .filter((record) => record.token === token && record.instanceId === undefined);
  const spec = await ports.slots.readLaunch(keyOf(execution), token);
  if (!spec) return releaseSlots(execution, records, token);
  const recorded = view.instances.warmup.filter(({ record }) => record.token === token && record.instanceId);
  await run(execution, records, spec, new Set(recorded.map(({ record }) => record.instanceId)));
};
