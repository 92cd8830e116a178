/** Between SDK commands and AWS's query protocols: requests as the SDK serializes them, responses as it reads them. */
import { EC2Client } from "@aws-sdk/client-ec2";
import type { Params } from "../../local/aws/gateway/query-params.ts";
import type { CloudError } from "../../local/aws/gateway/service.ts";

export interface Command {
  readonly constructor: { readonly name: string };
  readonly input: unknown;
}

const commandNames = new Map<string, string>();

/** `StartInstances` for a StartInstancesCommand. */
export const nameOf = (command: Command): string => {
  const { name } = command.constructor;
  const known = commandNames.get(name) ?? name.replace(/Command$/, "");
  commandNames.set(name, known);
  return known;
};

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
  Owners: "Owner",
};

/** Lists are numbered from 1; IAM puts them into a `member`. */
interface Protocol {
  readonly names: Readonly<Record<string, string>>;
  readonly inMember: boolean;
}

export const EC2_QUERY: Protocol = { names: QUERY_NAMES, inMember: false };
export const IAM_QUERY: Protocol = { names: {}, inMember: true };

const toParam = (protocol: Protocol, value: unknown): string | Params => {
  if (typeof value !== "object" || value === null) return String(value);
  if (!Array.isArray(value)) return toParams(protocol, value);
  const list = Object.fromEntries(value.map((item, index) => [String(index + 1), toParam(protocol, item)]));
  return protocol.inMember ? { member: list } : list;
};

export const toParams = (protocol: Protocol, input: object): Params =>
  Object.fromEntries(
    Object.entries(input)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [protocol.names[name] ?? name, toParam(protocol, value)]),
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
  imagesSet: "Images",
  subnetSet: "Subnets",
  securityGroupInfo: "SecurityGroups",
};

const TIMES = new Set(["launchTime", "impairedSince", "notBefore", "notAfter", "CreateDate"]);

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
export const toOutput = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(toOutput);
  if (typeof value !== "object" || value === null) return value;
  const output: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    if (UNREAD.has(name)) continue;
    output[toSdkName(name)] = TIMES.has(name) && typeof field === "string" ? new Date(field) : toOutput(field);
  }
  return output;
};

export const toSdkError = (error: CloudError): Error =>
  Object.assign(new Error(error.message), { name: error.code, $fault: error.status >= 500 ? "server" : "client" });

/** An EC2 client whose requests `send` carries out; the SDK's paginators accept nothing but an EC2Client. */
export const clientOf = (send: (command: Command) => Promise<unknown>): EC2Client =>
  Object.assign(Object.create(EC2Client.prototype), { send });
