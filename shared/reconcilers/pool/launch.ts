/** New instances: slots first, then the launch's parameters, then the launch; and instances found without a record. */
import type { Ec2Instance, LaunchSpec } from "../../aws/ec2.ts";
import { isCapacityError, isIdempotencyMismatch, isThrottled } from "../../aws/errors.ts";
import { MANAGED_BY, TAG } from "../../names.ts";
import type { LaunchTemplate } from "../../nodeclass/launch-template.ts";
import { type Action, tell } from "../../pool/actions.ts";
import { allInstances, type InstanceRecord } from "../../pool/view.ts";
import type { PoolKey } from "../../state/slots.ts";
import type { Execution } from "./progress.ts";
import { report } from "./report.ts";

type Subnet = LaunchTemplate["subnets"][number];

const keyOf = ({ view }: Execution): PoolKey => ({ cluster: view.cluster, pool: view.name });

const freeSlots = ({ view, progress }: Execution): number[] => {
  const taken = new Set([...allInstances(view).map(({ record }) => record.slot), ...progress.records.keys()]);
  return Array.from({ length: view.spec.poolSize }, (_, index) => index + 1).filter((slot) => !taken.has(slot));
};

/** How many to launch in each subnet, so that the pool's instances end up spread evenly over zones. */
const spread = (count: number, subnets: readonly Subnet[], taken: readonly string[]): ReadonlyMap<Subnet, number> => {
  const load = new Map(subnets.map((subnet) => [subnet, taken.filter((zone) => zone === subnet.zone).length]));
  const shares = new Map<Subnet, number>();
  for (let placed = 0; placed < count; placed += 1) {
    const [subnet] = [...load].toSorted(([, one], [, other]) => one - other)[0] ?? [];
    if (!subnet) break;
    load.set(subnet, (load.get(subnet) ?? 0) + 1);
    shares.set(subnet, (shares.get(subnet) ?? 0) + 1);
  }
  return shares;
};

const launchSpec = (
  { view }: Execution,
  template: LaunchTemplate,
  token: string,
  count: number,
  subnetId: string,
): LaunchSpec => ({
  clientToken: token,
  count,
  imageId: template.imageId,
  instanceType: template.instanceType,
  subnetId,
  securityGroupIds: template.securityGroupIds,
  instanceProfile: template.instanceProfile,
  userData: template.userData,
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

type Intent = Pick<InstanceRecord, "token" | "reason" | "zone" | "instanceType" | "images" | "fingerprint">;

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

const fail = async (execution: Execution, spec: LaunchSpec, error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  const doing = `launching ${spec.count} ${spec.instanceType} in ${spec.subnetId}: ${message}`;
  const capacity = isCapacityError(error);
  execution.progress.problem ??= {
    reason: capacity ? "InsufficientCapacity" : "CloudProviderError",
    message: doing,
  };
  execution.progress.failures.push(new Error(doing, { cause: error }));
  if (capacity) await report(execution, [tell("Warning", "InsufficientCapacity", doing)]);
};

/** Asks EC2 for the instances of these slots; fewer than asked for leave slots free again. `known` have a record already. */
const run = async (
  execution: Execution,
  records: readonly InstanceRecord[],
  spec: LaunchSpec,
  known: ReadonlySet<string | undefined> = new Set(),
) => {
  const { ports, progress } = execution;
  try {
    execution.assertHeld();
    const launched = (await ports.ec2.runInstances(spec)).filter(({ instanceId }) => !known.has(instanceId));
    await assign(execution, records, launched);
    await giveBack(execution, records.slice(launched.length), spec.clientToken);
    progress.moved = true;
  } catch (error) {
    if (isRefusal(error)) await giveBack(execution, records, spec.clientToken);
    await fail(execution, spec, error);
  }
};

export const launch = async (execution: Execution, count: number, reason: string): Promise<void> => {
  const { ports, view } = execution;
  if (view.nodeClass.kind !== "ready") return;
  const template = view.nodeClass.launch;
  const slots = freeSlots(execution).slice(0, count);
  const zones = allInstances(view).map(({ record }) => record.zone);
  for (const [subnet, share] of spread(slots.length, template.subnets, zones)) {
    const token = `stratos-${ports.newId()}`;
    const { instanceType } = template;
    const intent = {
      token,
      reason,
      zone: subnet.zone,
      instanceType,
      images: view.images,
      fingerprint: view.fingerprint,
    };
    const records = await claim(execution, slots.splice(0, share), intent);
    if (records.length === 0) continue;
    const spec = launchSpec(execution, template, token, records.length, subnet.id);
    await run(execution, records, await ports.slots.saveLaunch(keyOf(execution), spec));
  }
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

/** Puts instances that no record names into free slots. */
export const adopt = async (
  execution: Execution,
  actions: readonly Extract<Action, { kind: "adopt" }>[],
): Promise<void> => {
  const { ports, view, progress } = execution;
  const slots = freeSlots(execution);
  for (const [index, { stray, state }] of actions.entries()) {
    const slot = slots[index];
    if (slot === undefined) return;
    const record = await ports.slots.claim(keyOf(execution), {
      slot,
      state,
      stateSince: view.now,
      reason: "Adopted",
      token: stray.clientToken,
      instanceType: stray.instanceType,
      zone: stray.zone,
      instanceId: stray.instanceId,
      fingerprint: stray.tags[TAG.fingerprint],
      ...(stray.state === "stopped" && { launchTime: stray.launchTime }),
    });
    if (record) {
      progress.records.set(slot, record);
      progress.moved = true;
    }
  }
};
