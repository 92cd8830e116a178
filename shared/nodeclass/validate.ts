/** Validates a class's spec against AWS's answers, before anything is launched from it. */
import type { AWSNodeClassSpec } from "../model/api/types.ts";
import type { InstanceTypeFacts } from "../model/ec2.ts";
import type { Outcome } from "./resolution.ts";
import { nodeClassProblem } from "./validate-spec.ts";
import type { NodeClassView, PoolUse } from "./view.ts";

/** Source: "Prerequisites for EC2 instance hibernation" (Amazon EC2 User Guide): instance RAM must be less than 150 GiB. */
const HIBERNATION_MEMORY_LIMIT_MIB = 150 * 1024;

type NamedType = readonly [field: string, name: string];

const listed = (field: string, names: readonly string[] = []): NamedType[] =>
  names.map((name, index) => [`${field}[${index}]`, name]);

/** The on-demand instance types in the spec, with their fields. */
const onDemandTypes = (spec: AWSNodeClassSpec): readonly NamedType[] => [
  ["spec.instanceType", spec.instanceType],
  ...listed("spec.instanceTypes", spec.instanceTypes),
];

const spotTypes = ({ spotConfig }: AWSNodeClassSpec): readonly NamedType[] =>
  listed("spec.spotConfig.instanceTypes", spotConfig?.instanceTypes);

/** All instance types that the class may launch, without duplicates. */
export const typeNames = (spec: AWSNodeClassSpec): readonly string[] => [
  ...new Set([...onDemandTypes(spec), ...spotTypes(spec)].map(([, name]) => name)),
];

const resolvedValue = <T>(outcome: Outcome<T>): T | undefined =>
  outcome.kind === "resolved" ? outcome.value : undefined;

const factsOf = ({ resolution }: NodeClassView, name: string): InstanceTypeFacts | undefined =>
  resolvedValue(resolution.instanceTypes)?.find(({ instanceType }) => instanceType === name);

const unknownType = (view: NodeClassView, [field, name]: NamedType): string | undefined =>
  view.resolution.instanceTypes.kind !== "resolved" || factsOf(view, name)
    ? undefined
    : `${field} is ${name}, which EC2 does not offer in ${view.region}; use a type that is available there`;

/** With `spec.ami`, the image's architecture counts; otherwise `spec.architecture`, by which the image is selected. */
const wrongArchitecture = (view: NodeClassView, [field, name]: NamedType): string | undefined => {
  const { spec } = view.nodeClass;
  const image = resolvedValue(view.resolution.ami);
  const required = spec.ami ? image?.architecture : (spec.architecture ?? "x86_64");
  const architectures = factsOf(view, name)?.architectures;
  if (!required || !architectures || architectures.includes(required)) return undefined;
  const supported = architectures.join(" and ");
  return spec.ami
    ? `${field} is ${name}, which runs ${supported}, but spec.ami ${spec.ami} is an image for ${required}; use a type and an image of the same architecture`
    : `${field} is ${name}, which runs ${supported}, but spec.architecture is ${required}; set spec.architecture to ${architectures[0]} or use another type`;
};

const typeProblems = (view: NodeClassView, types: readonly NamedType[]): readonly string[] =>
  [unknownType, wrongArchitecture].flatMap((check) => types.flatMap((type) => check(view, type) ?? []));

const onDemandTypeProblem = (view: NodeClassView): string | undefined =>
  typeProblems(view, onDemandTypes(view.nodeClass.spec))[0];

/** Such types are left out of spot requests; on-demand instances do not depend on them. */
export const spotTypeProblems = (view: NodeClassView): readonly string[] =>
  typeProblems(view, spotTypes(view.nodeClass.spec));

/** EC2 takes an entry for another device as one more, empty volume, and leaves the root volume as the image has it. */
const wrongDevice = ({ nodeClass: { spec }, resolution }: NodeClassView): string | undefined => {
  const image = resolvedValue(resolution.ami);
  const devices = spec.blockDeviceMappings?.map(({ deviceName }) => deviceName) ?? [];
  if (!image || devices.length === 0 || devices.some((device) => image.devices.includes(device))) return undefined;
  return (
    `spec.blockDeviceMappings has ${devices.join(", ")}, but the root device of image ${image.id} is ${image.rootDevice}; ` +
    `use ${image.rootDevice}, or add an entry for it`
  );
};

/** The groups of a selector are known to be the right ones only once the subnets are known. */
const vpcProblem = ({ resolution }: NodeClassView): string | undefined => {
  const subnets = resolvedValue(resolution.subnets);
  const groups = resolvedValue(resolution.securityGroups) ?? [];
  if (!subnets) return undefined;
  const [first, ...others] = [...subnets, ...groups];
  const other = others.find(({ vpcId }) => vpcId !== first?.vpcId);
  return (
    other &&
    `${first?.id} is in ${first?.vpcId}, but ${other.id} is in ${other.vpcId}; use subnets and security groups of one VPC`
  );
};

const whyNotHibernatable = (type: InstanceTypeFacts): string | undefined => {
  if (!type.hibernation) return "cannot hibernate";
  return type.memoryMiB >= HIBERNATION_MEMORY_LIMIT_MIB
    ? `has ${type.memoryMiB} MiB of memory, and hibernation requires less than 150 GiB`
    : undefined;
};

const hibernationProblem = ({ nodeClass: { spec }, resolution }: NodeClassView): string | undefined => {
  const image = resolvedValue(resolution.ami);
  if (!spec.hibernation || !image) return undefined;
  const root = spec.blockDeviceMappings?.find(({ deviceName }) => deviceName === image.rootDevice);
  const names = new Set(onDemandTypes(spec).map(([, name]) => name));
  for (const type of resolvedValue(resolution.instanceTypes) ?? []) {
    if (!names.has(type.instanceType)) continue;
    const reason = whyNotHibernatable(type);
    if (reason)
      return `spec.hibernation is true, but ${type.instanceType} ${reason}; use another type or remove spec.hibernation`;
    const memoryGiB = Math.ceil(type.memoryMiB / 1024);
    if (!root?.encrypted || (root.volumeSize ?? 0) <= memoryGiB) {
      return (
        `spec.hibernation is true, so spec.blockDeviceMappings must have the root device, ${image.rootDevice}, encrypted and larger than the ` +
        `${memoryGiB} GiB of memory of ${type.instanceType}, which are written to it; found ${root ? JSON.stringify(root) : "none"}`
      );
    }
  }
  return undefined;
};

const missingStandby = ({ minStandby, total }: PoolUse): number => Math.max(0, minStandby - total);

/** Stopped instances keep their addresses, so a pool needs free addresses only for the instances that it does not have yet. */
const tooFewAddresses = ({ pools, resolution }: NodeClassView): string | undefined => {
  const subnets = resolvedValue(resolution.subnets);
  if (!subnets) return undefined;
  const free = subnets.reduce((sum, { freeAddresses }) => sum + freeAddresses, 0);
  const missing = pools.reduce((sum, pool) => sum + missingStandby(pool), 0);
  if (missing <= free) return undefined;
  const shortages = pools
    .filter((pool) => missingStandby(pool) > 0)
    .map(({ name, minStandby, total }) => `NodePool ${name}: spec.minStandby is ${minStandby}, ${total} exist`);
  return (
    `the class's ${subnets.length} subnets have ${free} free addresses for ${missing} instances (${shortages.join("; ")}); ` +
    "lower minStandby or add subnets"
  );
};

const CHECKS = [onDemandTypeProblem, wrongDevice, vpcProblem, hibernationProblem, tooFewAddresses] as const;

/** The first problem, naming the field, what was found and what is allowed; undefined if there is none. */
export const validate = (view: NodeClassView): string | undefined => {
  const { nodeClass, region } = view;
  return (
    nodeClassProblem(nodeClass.spec, region) ??
    CHECKS.reduce<string | undefined>((found, check) => found ?? check(view), undefined)
  );
};
