/** What AWS's answers show to be wrong with a class's spec, before anything is launched from it. */
import type { AWSNodeClassSpec } from "../model/api/types.ts";
import type { InstanceTypeFacts } from "../model/ec2.ts";
import type { Outcome } from "./resolution.ts";
import { nodeClassProblem } from "./validate-spec.ts";
import type { NodeClassView, PoolUse } from "./view.ts";

/** Source: "Prerequisites for EC2 instance hibernation" (Amazon EC2 User Guide): instance RAM must be less than 150 GiB. */
const MOST_HIBERNATED_MIB = 150 * 1024;

/** Every instance type that the class names, with the field that names it. */
const namedTypes = (spec: AWSNodeClassSpec): readonly (readonly [field: string, name: string])[] => {
  const listed = (field: string, names: readonly string[] = []) =>
    names.map((name, index) => [`${field}[${index}]`, name] as const);
  return [
    ["spec.instanceType", spec.instanceType],
    ...listed("spec.instanceTypes", spec.instanceTypes),
    ...listed("spec.spotConfig.instanceTypes", spec.spotConfig?.instanceTypes),
  ];
};

/** Names of all types that the class may launch, each once. */
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
  return unknown && `${unknown[0]} is ${unknown[1]}, which EC2 does not offer in ${region}; give one that it does`;
};

/** The image decides; a class whose image is yet to be found by `architecture` is told to change that. */
const wrongArchitecture = ({ nodeClass: { spec }, resolution }: NodeClassView): string | undefined => {
  const types = resolvedValue(resolution.instanceTypes) ?? [];
  const image = resolvedValue(resolution.ami);
  const wanted = spec.ami ? image?.architecture : (spec.architecture ?? "x86_64");
  if (!wanted) return undefined;
  for (const [field, name] of namedTypes(spec)) {
    const architectures = types.find(({ instanceType }) => instanceType === name)?.architectures;
    if (!architectures || architectures.includes(wanted)) continue;
    const runs = architectures.join(" and ");
    return spec.ami
      ? `${field} is ${name}, which runs ${runs}, but spec.ami ${spec.ami} is an image for ${wanted}; give a type or an image of the other's architecture`
      : `${field} is ${name}, which runs ${runs}, but spec.architecture is ${wanted}; set spec.architecture to ${architectures[0]} or give another type`;
  }
  return undefined;
};

const noHibernation = (type: InstanceTypeFacts): string | undefined => {
  if (!type.hibernation) return "cannot hibernate";
  return type.memoryMiB >= MOST_HIBERNATED_MIB
    ? `has ${type.memoryMiB} MiB of memory, and 150 GiB are too many`
    : undefined;
};

const hibernationProblem = ({ nodeClass: { spec }, resolution }: NodeClassView): string | undefined => {
  if (!spec.hibernation) return undefined;
  for (const type of resolvedValue(resolution.instanceTypes) ?? []) {
    const reason = noHibernation(type);
    if (reason)
      return `spec.hibernation is true, but ${type.instanceType} ${reason}; give another type or leave it out`;
    const needed = Math.ceil(type.memoryMiB / 1024);
    const [root] = spec.blockDeviceMappings ?? [];
    if (!root?.encrypted || (root.volumeSize ?? 0) <= needed) {
      return (
        `spec.hibernation is true, so spec.blockDeviceMappings[0] must be the root volume, encrypted and larger than the ` +
        `${needed} GiB of memory of ${type.instanceType} that are written to it; found ${root ? JSON.stringify(root) : "none"}`
      );
    }
  }
  return undefined;
};

const missingStandby = ({ minStandby, total }: PoolUse): number => Math.max(0, minStandby - total);

/** Stopped instances keep their addresses, so what a pool has already is counted in what is free. */
const tooFewAddresses = ({ pools, resolution }: NodeClassView): string | undefined => {
  const subnets = resolvedValue(resolution.subnets);
  if (!subnets) return undefined;
  const free = subnets.reduce((sum, { freeAddresses }) => sum + freeAddresses, 0);
  const missing = pools.reduce((sum, pool) => sum + missingStandby(pool), 0);
  if (missing <= free) return undefined;
  const wishes = pools
    .filter((pool) => missingStandby(pool) > 0)
    .map(({ name, minStandby, total }) => `NodePool ${name}: spec.minStandby is ${minStandby}, ${total} exist`);
  return (
    `the class's ${subnets.length} subnets have ${free} free addresses for ${missing} instances (${wishes.join("; ")}); ` +
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
