/** EC2 in memory, with instance states, client tokens, refused calls and limited capacity. */
import { isDeepStrictEqual } from "node:util";
import type { InstanceFaults } from "../../../local/aws/ec2/faults.ts";
import type { Ec2 } from "../../../shared/aws/ec2.ts";
import type { Ec2Instance, InstanceState, InstanceTypeFacts, LaunchSpec } from "../../../shared/model/ec2.ts";
import { aHardware } from "../capacity/builders.ts";
import { createFakeFaults } from "./fake-ec2-faults.ts";

/** The error that the SDK throws for an error code of EC2. Missing capacity is a server error, although EC2 has done nothing. */
export const refusal = (code: string): Error =>
  Object.assign(new Error(`${code}: no`), {
    name: code,
    $fault: code === "InsufficientInstanceCapacity" ? "server" : "client",
  });

export interface FakeEc2 {
  readonly port: Ec2;
  readonly instances: Map<string, Ec2Instance>;
  /** By the names of the simulated EC2's. What takes time there happens with the next `completeTransitions` here. */
  readonly faults: InstanceFaults;
  /** The parameters of every successful launch, including repeated ones. */
  readonly launches: LaunchSpec[];
  /** The instance ids of every successful StartInstances. */
  readonly starts: (readonly string[])[];
  /** Errors by method, thrown before the call has an effect. */
  readonly refusals: Partial<Record<keyof Ec2, Error>>;
  /** The maximum number of instances that one launch returns. */
  maxPerLaunch: number;
  /** How many more instances of an offering, such as `m5.large in zone-of-subnet-0`, can start. Unlimited without an entry. */
  readonly capacity: Map<string, number>;
  /** The instance types that EC2 describes. */
  readonly types: Map<string, InstanceTypeFacts>;
  change(instanceId: string, change: Partial<Ec2Instance>): void;
  /** Completes transitions, except those that a fault keeps: pending → running, stopping → stopped, shutting-down → terminated. */
  completeTransitions(): void;
  inState(...states: InstanceState[]): Ec2Instance[];
}

export const LIVING: readonly InstanceState[] = ["pending", "running", "stopping", "stopped"];

export const createFakeEc2 = (now: () => number): FakeEc2 => {
  const instances = new Map<string, Ec2Instance>();
  const tokens = new Map<string, { readonly spec: LaunchSpec; readonly ids: readonly string[] }>();

  const change = (instanceId: string, changes: Partial<Ec2Instance>) => {
    const found = instances.get(instanceId);
    if (!found) throw refusal("InvalidInstanceID.NotFound");
    const changed = { ...found, ...changes };
    instances.set(instanceId, changed);
    faulty.record(changed);
  };
  const capacity = new Map<string, number>();
  const types = new Map<string, InstanceTypeFacts>();
  const faulty = createFakeFaults({ instances, capacity, now, change });

  const make = (spec: LaunchSpec, amiLaunchIndex: number): string => {
    const instanceId = `i-${String(instances.size + 1).padStart(8, "0")}`;
    const made: Ec2Instance = {
      instanceId,
      state: "pending",
      instanceType: spec.instanceType,
      zone: `zone-of-${spec.subnetId}`,
      subnetId: spec.subnetId,
      imageId: spec.imageId,
      privateDnsName: `node-${instanceId}`,
      launchTime: now(),
      clientToken: spec.clientToken,
      amiLaunchIndex,
      stateReason: "",
      spot: false,
      tags: spec.tags,
    };
    instances.set(instanceId, made);
    faulty.record(made);
    faulty.beginLaunch(instanceId);
    return instanceId;
  };

  /** Changes the instances that are in one of the given states, and leaves others as they are. */
  const transition = (ids: readonly string[], from: readonly InstanceState[], changes: Partial<Ec2Instance>) => {
    for (const id of ids) if (from.includes(instances.get(id)?.state ?? "pending")) change(id, changes);
  };

  const takeCapacity = (offering: string, count: number) => {
    const left = fake.capacity.get(offering);
    if (left === undefined) return;
    if (left < count) throw refusal("InsufficientInstanceCapacity");
    fake.capacity.set(offering, left - count);
  };

  const byOffering = (ids: readonly string[]) =>
    Map.groupBy(ids, (id) => `${instances.get(id)?.instanceType} in ${instances.get(id)?.zone}`);

  const throwIfRefused = (method: keyof Ec2) => {
    const error = fake.refusals[method];
    if (error) throw error;
    try {
      faulty.takeRequest(method);
    } catch {
      throw refusal("RequestLimitExceeded");
    }
  };

  const port: Ec2 = {
    describeInstances: async (filter) => {
      throwIfRefused("describeInstances");
      const all = faulty.shown();
      if ("clientToken" in filter) return all.filter(({ clientToken }) => clientToken === filter.clientToken);
      if ("ids" in filter) return all.filter(({ instanceId }) => filter.ids.includes(instanceId));
      return all.filter(({ tags }) => Object.entries(filter.tags).every(([key, value]) => tags[key] === value));
    },
    runInstances: async (spec) => {
      throwIfRefused("runInstances");
      const known = tokens.get(spec.clientToken);
      if (known && !isDeepStrictEqual(known.spec, spec)) throw refusal("IdempotentParameterMismatch");
      if (known?.ids.some((id) => (instances.get(id)?.state ?? "terminated") === "terminated"))
        throw refusal("IdempotentInstanceTerminated");
      const offering = `${spec.instanceType} in zone-of-${spec.subnetId}`;
      const count = Math.min(spec.count, fake.maxPerLaunch, fake.capacity.get(offering) ?? spec.count);
      if (!known && count === 0) throw refusal("InsufficientInstanceCapacity");
      if (!known) takeCapacity(offering, count);
      const ids = known?.ids ?? Array.from({ length: count }, (_, index) => make(spec, index));
      tokens.set(spec.clientToken, { spec, ids });
      fake.launches.push(spec);
      return ids.flatMap((id) => instances.get(id) ?? []);
    },
    startInstances: async (ids) => {
      throwIfRefused("startInstances");
      if (ids.some((id) => instances.get(id)?.state === "stopping")) throw refusal("IncorrectInstanceState");
      for (const [offering, started] of byOffering(ids)) takeCapacity(offering, started.length);
      fake.starts.push(ids);
      for (const id of ids) if (instances.get(id)?.state === "stopped") faulty.beginStart(id);
      transition(ids, ["stopped"], { state: "pending", launchTime: now() });
    },
    stopInstances: async (ids, { force = false } = {}) => {
      throwIfRefused("stopInstances");
      if (ids.some(faulty.isProtected)) throw refusal("OperationNotPermitted");
      if (ids.some(faulty.neverRan)) throw refusal("IncorrectInstanceState");
      for (const id of ids) if (force || instances.get(id)?.state !== "stopping") faulty.beginStop(id, force);
      const stateReason = "Client.UserInitiatedShutdown";
      transition(ids, ["pending", "running"], { state: "stopping", stateReason });
    },
    terminateInstances: async (ids) => {
      throwIfRefused("terminateInstances");
      if (ids.some(faulty.isProtected)) throw refusal("OperationNotPermitted");
      transition(ids, LIVING, { state: "shutting-down" });
    },
    changeInstanceType: async (id, instanceType) => {
      throwIfRefused("changeInstanceType");
      if (instances.get(id)?.state !== "stopped") throw refusal("IncorrectInstanceState");
      change(id, { instanceType });
    },
    tagInstances: async (ids, tags) => {
      throwIfRefused("tagInstances");
      for (const id of ids) change(id, { tags: { ...instances.get(id)?.tags, ...tags } });
    },
    describeInstanceHealth: async () => [],
    describeHardware: async (ids) => {
      throwIfRefused("describeHardware");
      return faulty
        .shown()
        .filter(({ instanceId }) => ids.includes(instanceId))
        .map(({ instanceId, state }) => aHardware({ instanceId, state }));
    },
    describeInstanceType: async (instanceType) => types.get(instanceType),
  };

  const fake: FakeEc2 = {
    port,
    instances,
    launches: [],
    starts: [],
    refusals: {},
    maxPerLaunch: Number.POSITIVE_INFINITY,
    capacity,
    types,
    faults: faulty.faults,
    change,
    completeTransitions: () => {
      for (const instance of [...instances.values()]) faulty.complete(instance);
    },
    inState: (...states) => [...instances.values()].filter(({ state }) => states.includes(state)),
  };
  return fake;
};
