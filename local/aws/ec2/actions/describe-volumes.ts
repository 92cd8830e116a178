/** DescribeVolumes (API reference). */

import { texts } from "../../gateway/query-params.ts";
import { type Xml, xmlTime } from "../../gateway/query-xml.ts";
import { CloudError } from "../../gateway/service.ts";
import type { Action } from "../call.ts";
import { applyFilters, type FilterFields } from "../filters.ts";
import type { Instance } from "../instance.ts";
import { paginate } from "../pages.ts";
import type { Volume } from "../volume.ts";
import type { World } from "../world.ts";
import { attachmentStatus, renderTags } from "./render-instance.ts";

interface Attached {
  readonly volume: Volume;
  readonly instance: Instance;
  /** False for a volume that outlived its instance. */
  readonly inUse: boolean;
}

const FIELDS: FilterFields<Attached> = {
  "attachment.delete-on-termination": ({ volume }) => String(volume.deleteOnTermination),
  "attachment.instance-id": ({ instance, inUse }) => (inUse ? instance.id : undefined),
  "availability-zone": ({ instance }) => instance.zone,
  encrypted: ({ volume }) => String(volume.encrypted),
  status: ({ inUse }) => (inUse ? "in-use" : "available"),
  "volume-id": ({ volume }) => volume.id,
  "volume-type": ({ volume }) => volume.type,
};

const attached = (instance: Instance): Attached[] => {
  const inUse = instance.state !== "terminated";
  return instance.volumes
    .filter(({ deleteOnTermination }) => inUse || !deleteOnTermination)
    .map((volume) => ({ volume, instance, inUse }));
};

/** In AWS this is a key of the account, behind the alias `aws/ebs`. */
const awsManagedKey = ({ region, account }: World) => `arn:aws:kms:${region}:${account}:key/aws-ebs`;

const renderVolume = (world: World, { volume, instance, inUse }: Attached): Xml => ({
  volumeId: volume.id,
  size: volume.sizeGiB,
  snapshotId: volume.snapshotId ?? "",
  availabilityZone: instance.zone,
  status: inUse ? "in-use" : "available",
  createTime: xmlTime(instance.launchTime),
  attachmentSet: inUse
    ? [
        {
          volumeId: volume.id,
          instanceId: instance.id,
          device: volume.deviceName,
          status: attachmentStatus(world, instance),
          attachTime: xmlTime(instance.launchTime),
          deleteOnTermination: volume.deleteOnTermination,
        },
      ]
    : [],
  tagSet: renderTags(world.tags.of(volume.id)),
  volumeType: volume.type,
  iops: volume.iops,
  kmsKeyId: volume.encrypted ? (volume.keyArn ?? awsManagedKey(world)) : undefined,
  throughput: volume.throughput,
  volumeInitializationRate: volume.initializationRate,
  encrypted: volume.encrypted,
  multiAttachEnabled: false,
});

export const describeVolumes: Action = (world, { params }) => {
  const ids = texts(params, "VolumeId");
  const volumes = world.instances.visible().flatMap(attached);
  const missing = ids.find((id) => !volumes.some(({ volume }) => volume.id === id));
  if (missing !== undefined) {
    throw new CloudError("InvalidVolume.NotFound", `The volume '${missing}' does not exist.`);
  }
  const named = volumes.filter(({ volume }) => ids.length === 0 || ids.includes(volume.id));
  const found = applyFilters(params, named, FIELDS, ({ volume }) => world.tags.of(volume.id));
  const { items, nextToken } = paginate(params, found, { min: 5, max: 1000 });
  return { volumeSet: items.map((item) => renderVolume(world, item)), nextToken };
};
