/** Looks up in AWS what a node class refers to. Each part is looked for by itself: one failure does not hide another. */
import type { ImageFilter, NodeClassResources, ResourceFilter } from "../../aws/node-class-resources.ts";
import type { AWSNodeClass, AWSNodeClassSpec } from "../../model/api/types.ts";
import type { Image, SecurityGroup, Subnet } from "../../model/class-resources.ts";
import { defaultImageParameter } from "../../nodeclass/default-image.ts";
import { attempt, noMatch, type Outcome, type Resolution, resolved } from "../../nodeclass/resolution.ts";
import { typeNames } from "../../nodeclass/validate.ts";
import { resolveInstanceProfile } from "./instance-profile.ts";

/** A stranger may publish an image under any name; so only these owners count unless the class names another. */
const TRUSTED_OWNERS = ["self", "amazon"];

export interface ClusterFacts {
  readonly name: string;
  /** `1.35`; only asked for when the image depends on it. */
  version(): Promise<string>;
}

/** Never throws for what AWS answers. With `role` it also creates the class's instance profile, or changes its role. */
export const resolveNodeClass = async (
  cloud: NodeClassResources,
  cluster: ClusterFacts,
  nodeClass: AWSNodeClass,
  now: number,
): Promise<Resolution> => {
  const { spec } = nodeClass;
  const instanceTypes = await attempt("finding the instance types", () => resolveTypes(cloud, spec));
  const [ami, subnets, securityGroups, instanceProfile] = await Promise.all([
    attempt("finding the image", () => resolveAmi(cloud, cluster, spec, instanceTypes)),
    attempt("finding the subnets", () => resolveSubnets(cloud, spec)),
    attempt("finding the security groups", () => resolveSecurityGroups(cloud, spec)),
    attempt("keeping the instance profile", () => resolveInstanceProfile(cloud, cluster.name, nodeClass, now)),
  ]);
  return { instanceTypes, ami, subnets, securityGroups, instanceProfile };
};

type Types = Resolution["instanceTypes"];

/** One that does not exist is left out: that makes the class not Valid, which the plan sees. */
const resolveTypes = async (cloud: NodeClassResources, spec: AWSNodeClassSpec): Promise<Types> =>
  resolved(
    (await cloud.findInstanceTypes(typeNames(spec))).toSorted((one, other) =>
      compare(one.instanceType, other.instanceType),
    ),
  );

const resolveAmi = async (
  cloud: NodeClassResources,
  cluster: ClusterFacts,
  spec: AWSNodeClassSpec,
  types: Types,
): Promise<Resolution["ami"]> => {
  const architecture = spec.architecture ?? "x86_64";
  if (!spec.ami && !spec.amiSelector && spec.bootstrapTemplate) {
    // What devices the type has decides the image.
    if (types.kind !== "resolved") return types;
    const { accelerator } = types.value.find(({ instanceType }) => instanceType === spec.instanceType) ?? {};
    const parameter = defaultImageParameter(spec.bootstrapTemplate, architecture, await cluster.version(), accelerator);
    const id = await cloud.readParameter(parameter);
    return id
      ? resolved({ id, architecture })
      : noMatch(`the SSM parameter ${parameter} of the default image does not exist`);
  }
  const filter: ImageFilter = spec.ami
    ? { ids: [spec.ami] }
    : {
        tags: spec.amiSelector?.tags,
        name: spec.amiSelector?.name,
        owners: spec.amiSelector?.owner ? [spec.amiSelector.owner] : TRUSTED_OWNERS,
        architecture,
      };
  const newest = newestOf(await cloud.findImages(filter));
  return newest
    ? resolved({ id: newest.id, architecture: newest.architecture })
    : noMatch(`no available image matches ${asText(spec.ami ?? spec.amiSelector)}`);
};

/** Ids decide between images of the same moment, so that the answer does not depend on their order. */
const newestOf = (images: readonly Image[]): Image | undefined =>
  images.toSorted((one, other) => compare(other.creationDate, one.creationDate) || compare(other.id, one.id))[0];

const resolveSubnets = async (
  cloud: NodeClassResources,
  spec: AWSNodeClassSpec,
): Promise<Outcome<readonly Subnet[]>> => {
  const { subnetIds, subnetSelector } = spec;
  return allOf(await cloud.findSubnets(filterOf(subnetIds, subnetSelector)), "subnet", subnetIds, subnetSelector);
};

const resolveSecurityGroups = async (
  cloud: NodeClassResources,
  spec: AWSNodeClassSpec,
): Promise<Outcome<readonly SecurityGroup[]>> => {
  const { securityGroupIds: ids, securityGroupSelector: selector } = spec;
  return allOf(await cloud.findSecurityGroups(filterOf(ids, selector)), "security group", ids, selector);
};

const filterOf = (
  ids: readonly string[] | undefined,
  selector: { tags?: Record<string, string>; name?: string } = {},
): ResourceFilter => (ids ? { ids } : selector);

/** In order of their ids, so that a status changes only when what was found does. */
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
