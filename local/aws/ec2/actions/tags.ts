/** CreateTags, DeleteTags and DescribeTags (API reference). */

import { branches, type Params, readTags, requiredTexts, text } from "../../gateway/query-params.ts";
import { CloudError } from "../../gateway/service.ts";
import type { Action, Ec2Call } from "../call.ts";
import { applyFilters, type FilterFields } from "../filters.ts";
import { ec2Arn, requestTagContext, resourceTagContext } from "../launch/launch-permissions.ts";
import { paginate } from "../pages.ts";
import type { World } from "../world.ts";
import { instanceContext } from "./change-state.ts";

/** The resource type in the ARN, by the prefix of the id. */
const TYPES: Readonly<Record<string, string>> = {
  ami: "image",
  eni: "network-interface",
  i: "instance",
  lt: "launch-template",
  sg: "security-group",
  sir: "spot-instances-request",
  subnet: "subnet",
  vol: "volume",
  vpc: "vpc",
};

const typeOf = (id: string): string => {
  const type = TYPES[id.split("-")[0] ?? ""];
  if (!type) throw new CloudError("InvalidID", `The ID '${id}' is not valid`);
  return type;
};

const instanceOwning = (world: World, id: string) =>
  world.instances
    .visible()
    .find(({ volumes, networkInterfaceId, spotRequestId }) =>
      [networkInterfaceId, spotRequestId, ...volumes.map((volume) => volume.id)].includes(id),
    );

const exists = (world: World, id: string): boolean => {
  const { images, subnets, groups, vpcs, templates } = world;
  if ([images, subnets, groups, vpcs, templates].some((resources) => resources.has(id))) return true;
  return instanceOwning(world, id) !== undefined;
};

const NOT_FOUND: Readonly<Record<string, string>> = {
  image: "InvalidAMIID.NotFound",
  "network-interface": "InvalidNetworkInterfaceID.NotFound",
  "security-group": "InvalidGroup.NotFound",
  subnet: "InvalidSubnetID.NotFound",
  volume: "InvalidVolume.NotFound",
  vpc: "InvalidVpcID.NotFound",
};

/** Throws if any of them does not exist. */
const assertExist = (world: World, ids: readonly string[]): void => {
  world.instances.find(ids.filter((id) => typeOf(id) === "instance"));
  for (const id of ids) {
    const type = typeOf(id);
    if (type === "instance" || exists(world, id)) continue;
    throw new CloudError(NOT_FOUND[type] ?? "InvalidID", `The ${type} ID '${id}' does not exist`);
  }
};

const contextOf = (world: World, id: string) => {
  const instance = world.instances.get(id);
  return instance ? instanceContext(world, instance) : resourceTagContext(world, id);
};

const readIds = (world: World, params: Params, logIds: Ec2Call["logIds"]): string[] => {
  const ids = requiredTexts(params, "ResourceId");
  logIds(ids);
  assertExist(world, ids);
  return ids;
};

export const createTags: Action = (world, call) => {
  const tags = readTags(call.params);
  if (Object.keys(tags).length === 0) {
    throw new CloudError("MissingParameter", "The request must contain the parameter tags");
  }
  const ids = readIds(world, call.params, call.logIds);
  for (const id of ids) {
    const context = { ...contextOf(world, id), ...requestTagContext(tags) };
    call.authorize("ec2:CreateTags", [ec2Arn(world, typeOf(id), id)], context);
  }
  call.proceed();
  for (const id of ids) world.tags.add(id, tags);
  return { return: true };
};

/** Without tags, deletes all of them; without a value, deletes the tag whatever its value is. */
export const deleteTags: Action = (world, call) => {
  const tags = branches(call.params, "Tag").map((tag) => ({
    key: text(tag, "Key") ?? "",
    // An empty value matches only a tag with an empty value; an absent value matches any.
    value: typeof tag.Value === "string" ? tag.Value : undefined,
  }));
  const ids = readIds(world, call.params, call.logIds);
  for (const id of ids) {
    const keys = tags.map(({ key }) => key);
    const context = { ...contextOf(world, id), "aws:TagKeys": keys.length > 0 ? keys : undefined };
    call.authorize("ec2:DeleteTags", [ec2Arn(world, typeOf(id), id)], context);
  }
  call.proceed();
  for (const id of ids) {
    const toDelete = tags.length > 0 ? tags : Object.keys(world.tags.of(id)).map((key) => ({ key, value: undefined }));
    for (const { key, value } of toDelete) world.tags.remove(id, key, value);
  }
  return { return: true };
};

interface TagRow {
  readonly resourceId: string;
  readonly resourceType: string;
  readonly key: string;
  readonly value: string;
}

const FIELDS: FilterFields<TagRow> = {
  key: ({ key }) => key,
  "resource-id": ({ resourceId }) => resourceId,
  "resource-type": ({ resourceType }) => resourceType,
  value: ({ value }) => value,
};

export const describeTags: Action = (world, call) => {
  const hidden = new Set(
    world.instances
      .all()
      .filter(({ visibleAt }) => visibleAt > world.clock.now())
      .map(({ id }) => id),
  );
  const rows = [...world.tags.entries()].flatMap(([resourceId, tags]) =>
    Object.entries(tags).map(([key, value]) => ({ resourceId, resourceType: typeOf(resourceId), key, value })),
  );
  const visible = rows.filter(({ resourceId }) => !hidden.has(resourceId));
  const found = applyFilters(call.params, visible, FIELDS, ({ key, value }) => ({ [key]: value }));
  const { items, nextToken } = paginate(call.params, found, { min: 5, max: 1000 });
  return { tagSet: items.map((row) => ({ ...row })), nextToken };
};
