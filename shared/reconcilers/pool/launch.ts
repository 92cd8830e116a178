/** One launch: its slots are claimed, its parameters stored, then EC2 is called. */

import { isCapacityError, isIdempotencyMismatch, isOutOfAddresses, isThrottled } from "../../aws/errors.ts";
import { afterRefusedLaunch } from "../../capacity/plan-capacity.ts";
import type { Ec2Instance, LaunchSpec } from "../../model/ec2.ts";
import type { InstanceRecord } from "../../model/instance-record.ts";
import type { PoolLaunchConfig } from "../../model/launch-config.ts";
import { clusterTag, MANAGED_BY, TAG } from "../../model/names.ts";
import { offeringKey } from "../../model/unavailable-offerings.ts";
import { emitEvent } from "../../pool/actions.ts";
import { allInstances } from "../../pool/view.ts";
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
    [clusterTag(view.cluster)]: "owned",
  },
});

type Intent = Omit<InstanceRecord, "slot" | "version" | "state" | "stateSince" | "pods">;

/** `pods`: those that each claimed slot's instance is for. */
const claim = async (
  execution: Execution,
  slots: readonly number[],
  intent: Intent,
  pods: LaunchOrder["pods"] = [],
): Promise<InstanceRecord[]> => {
  const { ports, view, progress } = execution;
  const claimed: InstanceRecord[] = [];
  for (const slot of slots) {
    execution.assertHeld();
    const own = pods[claimed.length];
    const wanted = { slot, state: "warmup", stateSince: view.now, ...intent, ...(own && { pods: own }) } as const;
    const record = await ports.slots.claim(keyOf(execution), wanted);
    if (!record) continue;
    progress.records.set(slot, record);
    claimed.push(record);
  }
  return claimed;
};

/** The stored launch is dropped first: repeated with its full count for fewer slots, it would launch too many instances. */
export const releaseSlots = async (execution: Execution, records: readonly InstanceRecord[], token: string) => {
  await execution.ports.slots.dropLaunch(keyOf(execution), token);
  for (const record of records) {
    await execution.ports.slots.free(keyOf(execution), record);
    execution.progress.records.delete(record.slot);
  }
};

/**
 * EC2 refused the first call with a token: nothing was launched and nothing will be. Missing capacity is a server error; any other server error
 * may have been carried out, and a mismatch of parameters proves that something was.
 */
const isRefusal = (error: unknown): boolean =>
  isCapacityError(error) ||
  (error instanceof Error &&
    "$fault" in error &&
    error.$fault === "client" &&
    !isThrottled(error) &&
    !isIdempotencyMismatch(error));

/** The instances that no record names, in whatever state. */
export const unrecorded = ({ view, progress }: Execution, launched: readonly Ec2Instance[]): readonly Ec2Instance[] => {
  const records = [...allInstances(view).map(({ record }) => record), ...progress.records.values()];
  const known = new Set(records.map(({ instanceId }) => instanceId));
  return launched.filter(({ instanceId }) => !known.has(instanceId));
};

interface Assignment {
  /** The records for which there is no instance. */
  readonly missing: readonly InstanceRecord[];
  /**
   * Whether demand, which records the pods of a slot at any time, was faster with one of the records. Its instance may not show yet: only the repeated
   * launch finds it for certain, so that the stored launch must be kept.
   */
  readonly isRaced: boolean;
}

/** Records which instance each slot has. */
export const assign = async (
  execution: Execution,
  records: readonly InstanceRecord[],
  launched: readonly Ec2Instance[],
): Promise<Assignment> => {
  const { ports, progress } = execution;
  let isRaced = false;
  for (const [index, record] of records.entries()) {
    const instance = launched[index];
    if (!instance) continue;
    const written = await ports.slots.write(keyOf(execution), record, { set: { instanceId: instance.instanceId } });
    if (written) progress.records.set(record.slot, written);
    else isRaced = true;
    progress.moved = true;
  }
  return { missing: records.slice(launched.length), isRaced };
};

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
  const offering = { instanceType: spec.instanceType, zone };
  const { key, until } = afterRefusedLaunch(offering, isOutOfAddresses(error) ? spec.subnetId : undefined, view.now);
  await ports.unavailableOfferings.markUnavailable(view.cluster, key, until);
  const labels = { ...offering, step: "launch" };
  const said = `no capacity to launch ${spec.count} ${offeringKey(offering)}: ${String(error)}`;
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

/** What EC2's refusal of a launch leads to: only the refusal of a token's first call proves that it has launched nothing. */
const refuse = async (
  execution: Execution,
  records: readonly InstanceRecord[],
  spec: LaunchSpec,
  attempt: "first" | "repeated",
  error: unknown,
): Promise<LaunchOutcome> => {
  if (attempt === "first" && isRefusal(error)) await releaseSlots(execution, records, spec.clientToken);
  if (isCapacityError(error)) {
    return { kind: "unavailable", key: await markUnavailable(execution, spec, records[0]?.zone ?? "", error) };
  }
  // A repeated token that EC2 refuses to repeat has launched before: only looking tells what.
  if (attempt === "first" || !isIdempotencyMismatch(error)) fail(execution, spec, error);
  return { kind: "failed" };
};

/**
 * Launches the instances of these slots; slots for which EC2 returns no instance are released. A repeated call may be refused for its own reasons. If
 * the table does not take what EC2 has launched, or somebody else wrote a record meanwhile, the records keep their slots, and the launch is repeated.
 */
export const run = async (
  execution: Execution,
  records: readonly InstanceRecord[],
  spec: LaunchSpec,
  attempt: "first" | "repeated",
): Promise<LaunchOutcome> => {
  const { ports, progress } = execution;
  let launched: readonly Ec2Instance[];
  try {
    execution.assertHeld();
    launched = unrecorded(execution, await ports.ec2.runInstances(spec));
  } catch (error) {
    return refuse(execution, records, spec, attempt, error);
  }
  try {
    const { missing, isRaced } = await assign(execution, records, launched);
    if (!isRaced) await releaseSlots(execution, missing, spec.clientToken);
  } catch (error) {
    fail(execution, spec, error);
    return { kind: "failed" };
  }
  progress.moved = true;
  progress.launchedIn.set(spec.subnetId, (progress.launchedIn.get(spec.subnetId) ?? 0) + launched.length);
  return { kind: "launched", count: launched.length, asked: records.length };
};

/** The parameters of one launch. */
export interface LaunchOrder
  extends Pick<InstanceRecord, "reason" | "zone" | "instanceType" | "overflow" | "demandSince"> {
  readonly count: number;
  readonly subnetId: string;
  /** The names of the pods that each instance is launched for. */
  readonly pods?: readonly (readonly string[])[];
}

export const launch = async (
  execution: Execution,
  config: PoolLaunchConfig,
  { count, subnetId, pods, ...order }: LaunchOrder,
): Promise<LaunchOutcome> => {
  const { ports, view } = execution;
  const token = `stratos-${ports.newId()}`;
  const slots = freeSlots(execution).slice(0, count);
  const intent = {
    token,
    images: view.images,
    ...(view.optionalImages.length > 0 && { optionalImages: view.optionalImages }),
    fingerprint: view.fingerprint,
    ...order,
  };
  const records = await claim(execution, slots, intent, pods);
  if (records.length === 0) return { kind: "launched", count: 0, asked: 0 };
  const { instanceType } = order;
  const spec = launchSpec(execution, config, { clientToken: token, count: records.length, instanceType, subnetId });
  return run(execution, records, await ports.slots.saveLaunch(keyOf(execution), spec), "first");
};
