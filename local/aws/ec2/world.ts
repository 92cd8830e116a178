/** The state of the simulated EC2, shared by its actions. */
import type { Clock } from "../../clock.ts";
import type { InstanceProfiles } from "../iam/instance-profiles.ts";
import { type Capacity, createCapacity } from "./capacity.ts";
import type { Image } from "./catalog/image.ts";
import { createIds, type MakeId } from "./ids.ts";
import type { Instance, ShownState } from "./instance.ts";
import { createInstances, type Instances } from "./instances.ts";
import { createLaggingReads, type LaggingReads } from "./lagging-reads.ts";
import type { LaunchTemplate } from "./launch-template.ts";
import { createLaunchTokens, type LaunchTokens } from "./launch-tokens.ts";
import type { MachineEvent } from "./machines.ts";
import type { Ec2Profile } from "./profile.ts";
import { createSlowStops, type SlowStops } from "./slow-stops.ts";
import type { Subnet } from "./subnet.ts";
import { createTagBook, type TagBook } from "./tag-book.ts";
import { createThrottle, type Throttle } from "./throttle.ts";
import { MEASURED_TIMES } from "./transition-times.ts";
import { createUndone, type Undone } from "./undone.ts";

export interface Ec2Event {
  readonly source: "aws.ec2";
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface Ec2Options extends Ec2Profile {
  readonly clock: Clock;
  /** Returns values in [0, 1); the same seed reproduces ids and times. */
  readonly random: () => number;
  /** Sends an event to the default event bus. */
  readonly emit: (event: Ec2Event) => void;
  readonly account: string;
  readonly region: string;
  readonly profiles: InstanceProfiles;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
}

export interface Vpc {
  readonly id: string;
  readonly cidr: string;
}

type FullProfile = { readonly [Option in Exclude<keyof Ec2Profile, "readLagMs">]-?: NonNullable<Ec2Profile[Option]> };

export interface World extends Omit<Ec2Options, keyof Ec2Profile>, FullProfile {
  readonly makeId: MakeId;
  /** Numbers instances in launch order. */
  nextSequence(): number;
  readonly instances: Instances;
  readonly images: Map<string, Image>;
  readonly vpcs: Map<string, Vpc>;
  readonly subnets: Map<string, Subnet>;
  readonly groups: Map<string, SecurityGroup>;
  readonly templates: Map<string, LaunchTemplate>;
  /** By name; those that another account shares by id. */
  readonly placementGroups: Set<string>;
  /** By id. */
  readonly capacityReservations: Set<string>;
  readonly tags: TagBook;
  readonly capacity: Capacity;
  readonly throttle: Throttle;
  readonly launchTokens: LaunchTokens;
  readonly undone: Undone;
  readonly slowStops: SlowStops;
  /** How long the volumes of a new instance take to attach. */
  attachMs: number;
  readonly reads: LaggingReads<ShownState>;
  /** Called after each state change. */
  readonly listeners: Set<(instance: Instance, state: MachineEvent["state"]) => void>;
}

export const DEFAULT_INVISIBLE_MS = 2000;

export const createWorld = (options: Ec2Options): World => {
  const { region } = options;
  const tags = createTagBook();
  const reads = createLaggingReads<ShownState>(options.clock.now, options.random);
  reads.lagReads(options.readLagMs ?? 0);
  let launched = 0;
  return {
    ...options,
    invisibleMs: options.invisibleMs ?? DEFAULT_INVISIBLE_MS,
    transitionTimes: options.transitionTimes ?? MEASURED_TIMES,
    encryption: options.encryption ?? {},
    networkPlugin: options.networkPlugin ?? "overlay",
    hostnames: options.hostnames ?? "ip-name",
    dnsDomain: options.dnsDomain ?? (region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`),
    ipv6: options.ipv6 ?? "none",
    networkOwner: options.networkOwner ?? options.account,
    makeId: createIds(options.random),
    nextSequence: () => {
      launched += 1;
      return launched;
    },
    reads,
    instances: createInstances(options.clock, (instance) => {
      reads.forget(instance.id);
      for (const id of [instance.id, instance.networkInterfaceId, ...instance.volumes.map((volume) => volume.id)]) {
        tags.forget(id);
      }
    }),
    images: new Map(),
    vpcs: new Map(),
    subnets: new Map(),
    groups: new Map(),
    templates: new Map(),
    placementGroups: new Set(),
    capacityReservations: new Set(),
    tags,
    capacity: createCapacity(),
    throttle: createThrottle(options.clock, options.random),
    launchTokens: createLaunchTokens(),
    undone: createUndone(),
    slowStops: createSlowStops(),
    attachMs: 0,
    listeners: new Set(),
  };
};

/** The region's zones, sorted. */
export const zonesOf = ({ subnets }: World): string[] =>
  [...new Set([...subnets.values()].map(({ zone }) => zone))].sort();
