/** Looks up the AWS resources that a node class refers to. Lookups are independent: one failure does not hide another. */
import type { ImageFilter, NodeClassResources, ResourceFilter } from "../../aws/node-class-resources.ts";
import type { AWSNodeClass, AWSNodeClassSpec } from "../../model/api/types.ts";
import type { Image, SecurityGroup, Subnet } from "../../model/class-resources.ts";
import { defaultImageParameter } from "../../nodeclass/default-image.ts";
import { attempt, failed, noMatch, type Outcome, type Resolution, resolved } from "../../nodeclass/resolution.ts";
import { typeNames } from "../../nodeclass/validate.ts";
import { resolveInstanceProfile } from "./instance-profile.ts";

/** Anyone can publish an image under any name, so only images of these owners count unless the class names another owner. */
const TRUSTED_OWNERS = ["self", "amazon"];

export interface ClusterFacts {
  readonly name: string;
  /** Such as `1.35`; called only if the image depends on it. */
  version(): Promise<string>;
}

/** Does not throw AWS errors: they become outcomes. With `role`, also creates the class's instance profile or changes its role. */
export const resolveNodeClass = async (
  resources: NodeClassResources,
  cluster: ClusterFacts,
  nodeClass: AWSNodeClass,
  now: number,
): Promise<Resolution> => {
  const { spec } = nodeClass;
  const instanceTypes = await attempt("finding the instance types", () => resolveTypes(resources, spec));
  const subnets = await attempt("finding the subnets", () => resolveSubnets(resources, spec));
  const [ami, securityGroups, instanceProfile] = await Promise.all([
    attempt("finding the image", () => resolveAmi(resources, cluster, spec, instanceTypes)),
    attempt("finding the security groups", () => resolveSecurityGroups(resources, spec, subnets)),
    attempt("reconciling the instance profile", () => resolveInstanceProfile(resources, cluster.name, nodeClass, now)),
  ]);
  return { instanceTypes, ami, subnets, securityGroups, instanceProfile };
};

type Types = Resolution["instanceTypes"];

/** A type that does not exist is omitted; the plan then finds the class not Valid. */
const resolveTypes = async (resources: NodeClassResources, spec: AWSNodeClassSpec): Promise<Types> =>
  resolved(
    (await resources.findInstanceTypes(typeNames(spec))).toSorted((one, other) =>
      compare(one.instanceType, other.instanceType),
    ),
  );

const resolveAmi = async (
  resources: NodeClassResources,
  cluster: ClusterFacts,
  spec: AWSNodeClassSpec,
  types: Types,
): Promise<Resolution["ami"]> => {
  const architecture = spec.architecture ?? "x86_64";
  if (!spec.ami && !spec.amiSelector && spec.bootstrapTemplate) {
    // The image depends on the type's accelerator.
    if (types.kind !== "resolved") return types;
    const { accelerator } = types.value.find(({ instanceType }) => instanceType === spec.instanceType) ?? {};
    const parameter = defaultImageParameter(spec.bootstrapTemplate, architecture, await cluster.version(), accelerator);
    const id = await resources.readParameter(parameter);
    if (!id) return noMatch(`SSM parameter ${parameter} of the default image does not exist`);
    return newestImage(resources, { ids: [id] }, id);
  }
  const filter: ImageFilter = spec.ami
    ? { ids: [spec.ami] }
    : {
        tags: spec.amiSelector?.tags,
        name: spec.amiSelector?.name,
        owners: spec.amiSelector?.owner ? [spec.amiSelector.owner] : TRUSTED_OWNERS,
        architecture,
      };
  return newestImage(resources, filter, asText(spec.ami ?? spec.amiSelector));
};

const newestImage = async (
  resources: NodeClassResources,
  filter: ImageFilter,
  wanted: string,
): Promise<Resolution["ami"]> => {
  const newest = newestOf(await resources.findImages(filter));
  if (newest) return resolved(newest);
  return noMatch(
    "ids" in filter
      ? `image ${wanted} is not available: it does not exist, was deregistered or disabled, or is not shared with this account`
      : `no available image matches ${wanted}`,
  );
};

/** Ids break ties between images with the same creation date, so that the result does not depend on list order. */
const newestOf = (images: readonly Image[]): Image | undefined =>
  images.toSorted((one, other) => compare(other.creationDate, one.creationDate) || compare(other.id, one.id))[0];

const resolveSubnets = async (
  resources: NodeClassResources,
  spec: AWSNodeClassSpec,
): Promise<Outcome<readonly Subnet[]>> => {
  const { subnetIds, subnetSelector } = spec;
  return allOf(await resources.findSubnets(filterOf(subnetIds, subnetSelector)), "subnet", subnetIds, subnetSelector);
};

/** A selector finds groups in every VPC, but an instance takes only those of its subnet's. */
const resolveSecurityGroups = async (
  resources: NodeClassResources,
  spec: AWSNodeClassSpec,
  subnets: Resolution["subnets"],
): Promise<Outcome<readonly SecurityGroup[]>> => {
  const { securityGroupIds: ids, securityGroupSelector: selector } = spec;
  if (!ids && subnets.kind === "failed")
    return failed("finding the security groups of the subnets' VPC", subnets.cause, "ResolutionFailed");
  const found = await resources.findSecurityGroups(filterOf(ids, selector));
  if (ids || subnets.kind !== "resolved") return allOf(found, "security group", ids, selector);
  const vpcs = new Set(subnets.value.map(({ vpcId }) => vpcId));
  const usable = found.filter(({ vpcId }) => vpcs.has(vpcId));
  return allOf(usable, `security group in ${[...vpcs].join(" or ")}`, ids, selector);
};

const filterOf = (
  ids: readonly string[] | undefined,
  selector: { tags?: Record<string, string>; name?: string } = {},
): ResourceFilter => (ids ? { ids } : selector);

/** Sorted by id, so that the status changes only when the resources do. */
const allOf = <T extends { readonly id: string }>(
  found: readonly T[],
  noun: string,
  ids: readonly string[] | undefined,
  selector: unknown,
): Outcome<readonly T[]> => {
  const absent = (ids ?? []).filter((id) => !found.some((resource) => resource.id === id));
  if (absent.length > 0) return noMatch(`no such ${noun}: ${absent.join(", ")}`);
  if (found.length === 0) return noMatch(`no ${noun} matches ${asText(selector)}`);
  return resolved(found.toSorted((one, other) => compare(one.id, other.id)));
};

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

const asText = (selector: unknown): string => (typeof selector === "string" ? selector : JSON.stringify(selector));
