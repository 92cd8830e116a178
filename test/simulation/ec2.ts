/** The simulated EC2 in this process: an SDK client that calls its actions directly, without HTTP and XML. */
import type { EC2Client } from "@aws-sdk/client-ec2";
import { ACTIONS } from "../../local/aws/ec2/actions/actions.ts";
import { createCall } from "../../local/aws/ec2/call.ts";
import { createFaults, type Ec2Faults } from "../../local/aws/ec2/faults.ts";
import { createMachines } from "../../local/aws/ec2/machine-view.ts";
import type { Machines } from "../../local/aws/ec2/machines.ts";
import { seedDefaults } from "../../local/aws/ec2/seed-defaults.ts";
import { createWorld, type Ec2Event, type World } from "../../local/aws/ec2/world.ts";
import type { Params } from "../../local/aws/gateway/query-params.ts";
import { ACCOUNT, CloudError, REGION } from "../../local/aws/gateway/service.ts";
import { createInstanceProfiles } from "../../local/aws/iam/instance-profiles.ts";
import { createParameters } from "../../local/aws/ssm/parameters.ts";
import type { Clock } from "../../local/clock.ts";
import type { Random } from "./random.ts";

export interface SimulatedEc2 {
  readonly world: World;
  readonly faults: Ec2Faults;
  readonly machines: Machines;
  /** Carries out a command at once; throws what the SDK would throw. */
  execute(command: Command): unknown;
}

export interface Command {
  readonly constructor: { readonly name: string };
  readonly input: unknown;
}

/** `StartInstances` for a StartInstancesCommand. */
export const nameOf = (command: Command): string => {
  const { name } = command.constructor;
  const known = commandNames.get(name) ?? name.replace(/Command$/, "");
  commandNames.set(name, known);
  return known;
};

const commandNames = new Map<string, string>();

/** The names of lists in EC2's query protocol, where they differ from the SDK's. */
const QUERY_NAMES: Readonly<Record<string, string>> = {
  Filters: "Filter",
  Values: "Value",
  InstanceIds: "InstanceId",
  InstanceTypes: "InstanceType",
  SecurityGroupIds: "SecurityGroupId",
  TagSpecifications: "TagSpecification",
  Tags: "Tag",
  BlockDeviceMappings: "BlockDeviceMapping",
  Resources: "ResourceId",
};

const toParam = (value: unknown): string | Params =>
  typeof value === "object" && value !== null ? toParams(value) : String(value);

/** As the SDK serializes a request: lists are numbered from 1. */
const toParams = (input: object): Params =>
  Object.fromEntries(
    Array.isArray(input)
      ? input.map((value, index) => [String(index + 1), toParam(value)])
      : Object.entries(input)
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => [QUERY_NAMES[name] ?? name, toParam(value)]),
  );

/** The SDK's names of elements, where they differ from the response's by more than the first letter. */
const SDK_NAMES: Readonly<Record<string, string>> = {
  reservationSet: "Reservations",
  instancesSet: "Instances",
  instanceState: "State",
  tagSet: "Tags",
  instanceTypeSet: "InstanceTypes",
  instanceStatusSet: "InstanceStatuses",
  eventsSet: "Events",
  networkInterfaceSet: "NetworkInterfaces",
  ipv6AddressesSet: "Ipv6Addresses",
  blockDeviceMapping: "BlockDeviceMappings",
};

const TIMES = new Set(["launchTime", "impairedSince", "notBefore", "notAfter"]);

/** What no production code reads of an instance is most of it. */
const UNREAD = new Set([
  "groupSet",
  "cpuOptions",
  "metadataOptions",
  "monitoring",
  "productCodes",
  "capacityReservationSpecification",
]);

const sdkNames = new Map(Object.entries(SDK_NAMES));

const toSdkName = (name: string): string => {
  const known = sdkNames.get(name) ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  sdkNames.set(name, known);
  return known;
};

/** As the SDK reads a response. */
const toOutput = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(toOutput);
  if (typeof value !== "object" || value === null) return value;
  const output: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    if (UNREAD.has(name)) continue;
    output[toSdkName(name)] = TIMES.has(name) && typeof field === "string" ? new Date(field) : toOutput(field);
  }
  return output;
};

const toSdkError = (error: CloudError): Error =>
  Object.assign(new Error(error.message), { name: error.code, $fault: error.status >= 500 ? "server" : "client" });

/** An EC2 client whose requests `send` carries out. */
export const clientOf = (send: (command: Command) => Promise<unknown>): EC2Client => ({ send }) as unknown as EC2Client;

export interface SimulatedEc2Options {
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: (event: Ec2Event) => void;
}

export const createSimulatedEc2 = ({ clock, random, emit }: SimulatedEc2Options): SimulatedEc2 => {
  const profiles = createInstanceProfiles({ account: ACCOUNT, now: clock.now });
  const world = createWorld({ clock, random, emit, account: ACCOUNT, region: REGION, profiles });
  seedDefaults(world, createParameters(clock.now));
  const faults = createFaults(world);
  const request = {
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.alloc(0),
    principal: { arn: `arn:aws:iam::${ACCOUNT}:root` },
    authorize: () => {},
  };
  return {
    world,
    faults,
    machines: createMachines(world),
    execute: (command) => {
      const name = nameOf(command);
      const action = ACTIONS[name];
      if (!action) throw new Error(`${name} is not simulated`);
      const params = toParams(command.input as object);
      try {
        world.throttle.takeRequest(name, true);
        return toOutput(
          action(
            world,
            createCall(world, params, request, () => {}),
          ),
        );
      } catch (error) {
        throw error instanceof CloudError ? toSdkError(error) : error;
      }
    },
  };
};
