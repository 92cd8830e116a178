/** DescribeImages (API reference). */

import { flag, type Params, texts } from "../../gateway/query-params.ts";
import type { Xml } from "../../gateway/query-xml.ts";
import type { Action } from "../call.ts";
import { type Image, volumesOf } from "../catalog/image.ts";
import { applyFilters, type FilterFields } from "../filters.ts";
import { findImage } from "../launch/launch-request.ts";
import { paginate } from "../pages.ts";
import type { World } from "../world.ts";
import { renderTags } from "./render-instance.ts";

const createdAt = ({ createdAt: time }: Image) => new Date(time).toISOString();

const FIELDS: FilterFields<Image> = {
  architecture: ({ architecture }) => architecture,
  "creation-date": createdAt,
  description: ({ description }) => description,
  "image-id": ({ id }) => id,
  "image-type": () => "machine",
  "is-public": (image) => String(image.public),
  name: ({ name }) => name,
  "owner-alias": ({ ownerAlias }) => ownerAlias,
  "owner-id": ({ ownerId }) => ownerId,
  "root-device-name": ({ rootDeviceName }) => rootDeviceName,
  "root-device-type": () => "ebs",
  state: () => "available",
  "virtualization-type": () => "hvm",
};

const isOwnedBy = ({ account }: World, { ownerId, ownerAlias }: Image, owners: readonly string[]): boolean =>
  owners.length === 0 ||
  owners.some((owner) => owner === ownerId || owner === ownerAlias || (owner === "self" && ownerId === account));

/** "Deprecate an Amazon EC2 AMI" (Amazon EC2 User Guide): deprecated images are hidden from all but their owner, unless they are named by id. */
const isShown = ({ account, clock }: World, { ownerId, deprecatedAt }: Image, params: Params): boolean =>
  ownerId === account || flag(params, "IncludeDeprecated") || deprecatedAt === undefined || clock.now() < deprecatedAt;

const renderImage = (world: World, image: Image): Xml => ({
  imageId: image.id,
  imageLocation: `${image.ownerAlias ?? image.ownerId}/${image.name}`,
  imageState: "available",
  imageOwnerId: image.ownerId,
  creationDate: createdAt(image),
  deprecationTime: image.deprecatedAt && new Date(image.deprecatedAt).toISOString(),
  isPublic: image.public,
  productCodes: [],
  architecture: image.architecture,
  imageType: "machine",
  imageOwnerAlias: image.ownerAlias,
  name: image.name,
  description: image.description,
  rootDeviceType: "ebs",
  rootDeviceName: image.rootDeviceName,
  blockDeviceMapping: volumesOf(image).map(({ deviceName, sizeGiB, snapshotId }) => ({
    deviceName,
    ebs: { deleteOnTermination: true, snapshotId, volumeSize: sizeGiB, volumeType: "gp3", encrypted: false },
  })),
  virtualizationType: "hvm",
  tagSet: renderTags(world.tags.of(image.id)),
  hypervisor: "xen",
  enaSupport: true,
  platformDetails: "Linux/UNIX",
  usageOperation: "RunInstances",
});

export const describeImages: Action = (world, { params }) => {
  const ids = texts(params, "ImageId");
  const images = ids.length > 0 ? ids.map((id) => findImage(world, id)) : [...world.images.values()];
  const owned = images.filter(
    (image) => isOwnedBy(world, image, texts(params, "Owner")) && (ids.length > 0 || isShown(world, image, params)),
  );
  const found = applyFilters(params, owned, FIELDS, ({ id }) => world.tags.of(id));
  const { items, nextToken } = paginate(params, found, { min: 1, max: 1000 });
  return { imagesSet: items.map((image) => renderImage(world, image)), nextToken };
};
