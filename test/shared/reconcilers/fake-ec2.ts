/** EC2 in memory: instances keep their state, tokens are remembered, launches can be refused or cut short. */
import { isDeepStrictEqual } from "node:util";
import type { Ec2 } from "../../../shared/aws/ec2.ts";
import type { Ec2Instance, InstanceState, LaunchSpec } from "../../../shared/model/ec2.ts";

/** What the SDK throws when EC2 refuses. A want of capacity is a server's error, though nothing was done. */
export const refusal = (code: string): Error =>
  Object.assign(new Error(`${code}: no`), {
    name: code,
    $fault: code === "InsufficientInstanceCapacity" ? "server" : "client",
  });

export interface FakeEc2 {
  readonly port: Ec2;
  readonly instances: Map<string, Ec2Instance>;
  /** Of every launch that was answered, repeated ones included. */
  readonly launches: LaunchSpec[];
  /** The ids of every StartInstances that went through. */
  readonly starts: (readonly string[])[];
  /** Errors by method; thrown before anything is done. */
  readonly refusals: Partial<Record<keyof Ec2, Error>>;
  /** How many instances a zone has room for in one launch. */
  capacity: number;
  /** How many more start in a place, as `m5.large in zone-of-subnet-0`; without an entry, any number. */
  readonly room: Map<string, number>;
  change(instanceId: string, change: Partial<Ec2Instance>): void;
  /** Everything on its way arrives: pending → running, stopping → stopped, shutting-down → terminated. */
  settle(): void;
  inState(...states: InstanceState[]): Ec2Instance[];
}

const ARRIVES: Partial<Record<InstanceState, InstanceState>> = {
  pending: "running",
  stopping: "stopped",
  "shutting-down": "terminated",
};

export const LIVING: readonly InstanceState[] = ["pending", "running", "stopping", "stopped"];

export const createFakeEc2 = (now: () => number): FakeEc2 => {
  const instances = new Map<string, Ec2Instance>();
  const tokens = new Map<string, { readonly spec: LaunchSpec; readonly ids: readonly string[] }>();

  const change = (instanceId: string, changes: Partial<Ec2Instance>) => {
    const found = instances.get(instanceId);
    if (!found) throw refusal("InvalidInstanceID.NotFound");
    instances.set(instanceId, { ...found, ...changes });
  };

  const make = (spec: LaunchSpec, amiLaunchIndex: number): string => {
    const instanceId = `i-${String(instances.size + 1).padStart(8, "0")}`;
    instances.set(instanceId, {
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
    });
    return instanceId;
  };

  /** The states from which a call takes an instance; it leaves others as they are. */
  const move = (ids: readonly string[], from: readonly InstanceState[], changes: Partial<Ec2Instance>) => {
    for (const id of ids) if (from.includes(instances.get(id)?.state ?? "pending")) change(id, changes);
  };

  const takeRoom = (place: string, count: number) => {
    const room = fake.room.get(place);
    if (room === undefined) return;
    if (room < count) throw refusal("InsufficientInstanceCapacity");
    fake.room.set(place, room - count);
  };

  const placesOf = (ids: readonly string[]) =>
    Map.groupBy(ids, (id) => `${instances.get(id)?.instanceType} in ${instances.get(id)?.zone}`);

  const check = (method: keyof Ec2) => {
    const error = fake.refusals[method];
    if (error) throw error;
  };

  const port: Ec2 = {
    describeInstances: async (filter) => {
      check("describeInstances");
      const all = [...instances.values()];
      if ("ids" in filter) return all.filter(({ instanceId }) => filter.ids.includes(instanceId));
      return all.filter(({ tags }) => Object.entries(filter.tags).every(([key, value]) => tags[key] === value));
    },
    runInstances: async (spec) => {
      check("runInstances");
      const known = tokens.get(spec.clientToken);
      if (known && !isDeepStrictEqual(known.spec, spec)) throw refusal("IdempotentParameterMismatch");
      const place = `${spec.instanceType} in zone-of-${spec.subnetId}`;
      const count = Math.min(spec.count, fake.capacity, fake.room.get(place) ?? spec.count);
      if (!known && count === 0) throw refusal("InsufficientInstanceCapacity");
      if (!known) takeRoom(place, count);
      const ids = known?.ids ?? Array.from({ length: count }, (_, index) => make(spec, index));
      tokens.set(spec.clientToken, { spec, ids });
      fake.launches.push(spec);
      return ids.flatMap((id) => instances.get(id) ?? []);
    },
    startInstances: async (ids) => {
      check("startInstances");
      if (ids.some((id) => instances.get(id)?.state === "stopping")) throw refusal("IncorrectInstanceState");
      for (const [place, there] of placesOf(ids)) takeRoom(place, there.length);
      fake.starts.push(ids);
      move(ids, ["stopped"], { state: "pending", launchTime: now() });
    },
    stopInstances: async (ids) => {
      check("stopInstances");
      move(ids, ["pending", "running"], { state: "stopping" });
    },
    terminateInstances: async (ids) => {
      check("terminateInstances");
      move(ids, LIVING, { state: "shutting-down" });
    },
    tagInstances: async (ids, tags) => {
      check("tagInstances");
      for (const id of ids) change(id, { tags: { ...instances.get(id)?.tags, ...tags } });
    },
    describeInstanceHealth: async () => [],
    describeInstanceType: async () => undefined,
  };

  const fake: FakeEc2 = {
    port,
    instances,
    launches: [],
    starts: [],
    refusals: {},
    capacity: Number.POSITIVE_INFINITY,
    room: new Map(),
    change,
    settle: () => {
      for (const { instanceId, state } of instances.values()) {
        const next = ARRIVES[state];
        if (next) change(instanceId, { state: next });
      }
    },
    inState: (...states) => [...instances.values()].filter(({ state }) => states.includes(state)),
  };
  return fake;
};
