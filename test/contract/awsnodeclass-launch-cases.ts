import { type Case, specCase } from "./crd-cases.ts";

const nodeClass = specCase("AWSNodeClass");
const volume = { deviceName: "/dev/xvda" };

/** The cases of what only the launch call uses: metadata options, volumes, capacity, tags and spot. */
export const LAUNCH_CASES: readonly Case[] = [
  nodeClass(
    "httpTokens is a known value",
    { metadataOptions: { httpTokens: "optional" } },
    { metadataOptions: { httpTokens: "sometimes" } },
    /httpTokens/,
  ),
  nodeClass(
    "the hop limit is within EC2's range",
    { metadataOptions: { httpPutResponseHopLimit: 64 } },
    { metadataOptions: { httpPutResponseHopLimit: 65 } },
    /httpPutResponseHopLimit/,
  ),
  nodeClass(
    "volumes have a size",
    { blockDeviceMappings: [{ ...volume, volumeSize: 1 }] },
    { blockDeviceMappings: [{ ...volume, volumeSize: 0 }] },
    /volumeSize/,
  ),
  nodeClass(
    "devices are unique",
    { blockDeviceMappings: [volume, { deviceName: "/dev/xvdb" }] },
    { blockDeviceMappings: [volume, volume] },
    /blockDeviceMappings\[1\]: Duplicate/,
  ),
  nodeClass(
    "only gp3 has throughput",
    { blockDeviceMappings: [{ ...volume, volumeType: "gp3", throughput: 250 }] },
    { blockDeviceMappings: [{ ...volume, volumeType: "gp2", throughput: 250 }] },
    /throughput needs volumeType gp3/,
  ),
  nodeClass(
    "gp2 has no iops",
    { blockDeviceMappings: [{ ...volume, volumeType: "gp3", iops: 3000 }] },
    { blockDeviceMappings: [{ ...volume, volumeType: "gp2", iops: 3000 }] },
    /iops needs volumeType gp3, io1 or io2/,
  ),
  nodeClass(
    "io1 and io2 need iops",
    { blockDeviceMappings: [{ ...volume, volumeType: "io2", iops: 3000 }] },
    { blockDeviceMappings: [{ ...volume, volumeType: "io1" }] },
    /volumeType io1 and io2 need iops/,
  ),
  nodeClass(
    "only an encrypted volume has a key",
    { blockDeviceMappings: [{ ...volume, encrypted: true, kmsKeyId: "alias/ours" }] },
    { blockDeviceMappings: [{ ...volume, kmsKeyId: "alias/ours" }] },
    /kmsKeyId needs encrypted: true/,
  ),
  ...[
    "1234abcd-12ab-34cd-56ef-1234567890ab",
    "mrk-1234abcd12ab34cd56ef1234567890ab",
    "arn:aws-us-gov:kms:us-gov-west-1:123456789012:alias/teams/ours",
    "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  ].map((kmsKeyId) =>
    nodeClass(
      `a key is an id, an alias or an ARN, such as ${kmsKeyId}`,
      { blockDeviceMappings: [{ ...volume, encrypted: true, kmsKeyId }] },
      { blockDeviceMappings: [{ ...volume, encrypted: true, kmsKeyId: "our key" }] },
      /kmsKeyId: .*must be the id of a KMS key, such as/,
    ),
  ),
  nodeClass(
    "a device has a name",
    { blockDeviceMappings: [{ deviceName: "/dev/sda1" }, { deviceName: "xvdba" }] },
    { blockDeviceMappings: [{ deviceName: "root disk" }] },
    /deviceName: .*must be the name of a device, such as \/dev\/xvda/,
  ),
  nodeClass(
    "a snapshot has an id",
    { blockDeviceMappings: [{ ...volume, snapshotId: "snap-1", deleteOnTermination: false }] },
    { blockDeviceMappings: [{ ...volume, snapshotId: "latest" }] },
    /snapshotId: .*must be the id of a snapshot, such as snap-/,
  ),
  nodeClass(
    "a volume's initialization rate is within EBS's range",
    { blockDeviceMappings: [{ ...volume, volumeInitializationRate: 300 }] },
    { blockDeviceMappings: [{ ...volume, volumeInitializationRate: 301 }] },
    /volumeInitializationRate/,
  ),
  nodeClass(
    "a capacity reservation is specified in only one way",
    { capacityReservation: { id: "cr-0123456789abcdef0" } },
    { capacityReservation: { id: "cr-0123456789abcdef0", preference: "open" } },
    /capacityReservation: .*exactly one of id, resourceGroupArn and preference/,
  ),
  nodeClass(
    "a capacity reservation's preference is a value of EC2",
    { capacityReservation: { preference: "capacity-reservations-only" } },
    { capacityReservation: { preference: "maybe" } },
    /capacityReservation\.preference/,
  ),
  nodeClass(
    "a group of capacity reservations is a resource group",
    { capacityReservation: { resourceGroupArn: "arn:aws:resource-groups:us-east-1:123456789012:group/gpus" } },
    { capacityReservation: { resourceGroupArn: "gpus" } },
    /capacityReservation\.resourceGroupArn: .*must be the ARN of a resource group, such as arn:aws:resource-groups/,
  ),
  nodeClass(
    "a capacity reservation has an id",
    { capacityReservation: { id: "cr-1" } },
    { capacityReservation: { id: "reserved" } },
    /capacityReservation\.id: .*must be the id of a capacity reservation, such as cr-/,
  ),
  nodeClass(
    "tenancy is not host",
    { tenancy: "dedicated", placementGroup: "training", hibernation: true },
    { tenancy: "host" },
    /spec\.tenancy/,
  ),
  ...["", " training", "träning"].map((placementGroup) =>
    nodeClass(
      `a placement group has a name, not "${placementGroup}"`,
      { placementGroup: "training 2" },
      { placementGroup },
      /placementGroup: .*must be the name of a placement group, such as training/,
    ),
  ),
  nodeClass(
    "tags do not use the prefix aws:",
    { tags: { team: "ci" } },
    { tags: { "aws:team": "ci" } },
    /must not start with aws:/,
  ),
  nodeClass(
    "spotConfig names an instance type",
    { spotConfig: { instanceTypes: ["m5.large"], maxPrice: "0.05" } },
    { spotConfig: { instanceTypes: [] } },
    /spotConfig\.instanceTypes/,
  ),
  nodeClass(
    "spotConfig.maxPrice is a price",
    { spotConfig: { instanceTypes: ["m5.large"], maxPrice: "1" } },
    { spotConfig: { instanceTypes: ["m5.large"], maxPrice: "$1" } },
    /spotConfig\.maxPrice: .*must be a price in US dollars per hour without a currency, such as 0\.05/,
  ),
];
