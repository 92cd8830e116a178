/** Validates a class's spec against AWS's answers, before anything is launched from it. */
import type { AWSNodeClassSpec } from "../model/api/types.ts";
import type { InstanceTypeFacts } from "../model/ec2.ts";
import type { Outcome } from "./resolution.ts";
import { nodeClassProblem } from "./validate-spec.ts";
import type { NodeClassView, PoolUse } from "./view.ts";

/** Source: "Prerequisites for EC2 instance hibernation" (Amazon EC2 User Guide): instance RAM must be less than 150 GiB. */
const HIBERNATION_MEMORY_LIMIT_MIB = 150 * 1024;

/** Every instance type in the spec, with its field. */
const namedTypes = (spec: AWSNodeClassSpec): readonly (readonly [field: string, name: string])[] => {
  const listed = (field: string, names: readonly string[] = []) =>
    names.map((name, index) => [`${field}[${index}]`, name] as const);
  return [
    ["spec.instanceType", spec.instanceType],
    ...listed("spec.instanceTypes", spec.instanceTypes),
    ...listed("spec.spotConfig.instanceTypes", spec.spotConfig?.instanceTypes),
  ];
};

/** All instance types that the class may launch, without duplicates. */
export const typeNames = (spec: AWSNodeClassSpec): readonly string[] => [
  ...new Set(namedTypes(spec).map(([, name]) => name)),
];

const resolvedValue = <T>(outcome: Outcome<T>): T | undefined =>
  outcome.kind === "resolved" ? outcome.value : undefined;

const unknownType = ({ nodeClass, region, resolution }: NodeClassView): string | undefined => {
  const types = resolvedValue(resolution.instanceTypes);
  if (!types) return undefined;
  const known = new Set(types.map(({ instanceType }) => instanceType));
  const unknown = namedTypes(nodeClass.spec).find(([, name]) => !known.has(name));
  return (
    unknown &&
    `${unknown[0]} is ${unknown[1]}, which EC2 does not offer in ${region}; use a type that is available there`
  );
};

/** With `spec.ami`, the image's architecture counts; otherwise `spec.architecture`, by which the image is selected. */
const wrongArchitecture = ({ nodeClass: { spec }, resolution }: NodeClassView): string | undefined => {
  const types = resolvedValue(resolution.instanceTypes) ?? [];
  const image = resolvedValue(resolution.ami);
  const required = spec.ami ? image?.architecture : (spec.architecture ?? "x86_64");
  if (!required) return undefined;
  for (const [field, name] of namedTypes(spec)) {
    const architectures = types.find(({ instanceType }) => instanceType === name)?.architectures;
    if (!architectures || architectures.includes(required)) continue;
    const supported = architectures.join(" and ");
    return spec.ami
      ? `${field} is ${name}, which runs ${supported}, but spec.ami ${spec.ami} is an image for ${required}; use a type and an image of the same architecture`
      : `${field} is ${name}, which runs ${supported}, but spec.architecture is ${required}; set spec.architecture to ${architectures[0]} or use another type`;
  }
  return undefined;
};

const whyNotHibernatable = (type: InstanceTypeFacts): string | undefined => {
  if (!type.hibernation) return "cannot hibernate";
  return type.memoryMiB >= HIBERNATION_MEMORY_LIMIT_MIB
    ? `has ${type.memoryMiB} MiB of memory, and hibernation requires less than 150 GiB`
    : undefined;
};

const hibernationProblem = ({ nodeClass: { spec }, resolution }: NodeClassView): string | undefined => {
  if (!spec.hibernation) return undefined;
  for (const type of resolvedValue(resolution.instanceTypes) ?? []) {
    const reason = whyNotHibernatable(type);
    if (reason)
      return `spec.hibernation is true, but ${type.instanceType} ${reason}; use another type or remove spec.hibernation`;
    const memoryGiB = Math.ceil(type.memoryMiB / 1024);
    const [root] = spec.blockDeviceMappings ?? [];
    if (!root?.encrypted || (root.volumeSize ?? 0) <= memoryGiB) {
      return (
        `spec.hibernation is true, so spec.blockDeviceMappings[0] must be the root volume, encrypted and larger than the ` +
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

const CHECKS = [unknownType, wrongArchitecture, hibernationProblem, tooFewAddresses] as const;

/** The first problem, naming the field, what was found and what is allowed; undefined if there is none. */
export const validate = (view: NodeClassView): string | undefined => {
  const { nodeClass, region } = view;
  return (
    nodeClassProblem(nodeClass.spec, region) ??
    CHECKS.reduce<string | undefined>((found, check) => found ?? check(view), undefined)
  );
};
