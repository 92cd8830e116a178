import { type Case, specCase } from "./crd-cases.ts";

const nodeClass = specCase("AWSNodeClass");
const taint = { key: "dedicated", value: "ci", effect: "NoSchedule" };
const volume = { deviceName: "/dev/xvda" };
const withoutUserData = { userData: undefined, bootstrapTemplate: "AL2023" };

/** One good and one bad object for each rule of the AWSNodeClass CRD. */
export const NODE_CLASS_CASES: readonly Case[] = [
  nodeClass(
    "instanceType is required",
    { instanceType: "u-6tb1.metal" },
    { instanceType: undefined },
    /spec\.instanceType: Required/,
  ),
  nodeClass("instanceType has a family and a size", {}, { instanceType: "m5 large" }, /spec\.instanceType/),
  nodeClass(
    "instanceTypes begins with instanceType",
    { instanceType: "m5.large", instanceTypes: ["m5.large", "m6i.large"] },
    { instanceType: "m5.large", instanceTypes: ["m6i.large", "m5.large"] },
    /the first of instanceTypes must be instanceType/,
  ),
  nodeClass(
    "instanceTypes has a family and a size each",
    { instanceType: "m5.large", instanceTypes: ["m5.large"] },
    { instanceType: "m5.large", instanceTypes: ["m5.large", "m6i large"] },
    /spec\.instanceTypes\[1\]/,
  ),
  nodeClass(
    "instanceTypes is not empty",
    { instanceType: "m5.large", instanceTypes: ["m5.large"] },
    { instanceTypes: [] },
    /spec\.instanceTypes/,
  ),
  nodeClass(
    "user data comes from one place",
    withoutUserData,
    { bootstrapTemplate: "AL2023" },
    /exactly one of bootstrapTemplate and userData/,
  ),
  nodeClass(
    "user data comes from somewhere",
    {},
    { userData: undefined },
    /exactly one of bootstrapTemplate and userData/,
  ),
  nodeClass(
    "bootstrapTemplate is known",
    { ...withoutUserData, bootstrapTemplate: "Bottlerocket" },
    { ...withoutUserData, bootstrapTemplate: "Windows" },
    /bootstrapTemplate/,
  ),
  nodeClass("userData is not empty", {}, { userData: "" }, /spec\.userData/),
  nodeClass(
    "userData is at most 16 KiB",
    { userData: "#".repeat(16_384) },
    { userData: "#".repeat(16_385) },
    /spec\.userData/,
  ),
  nodeClass(
    "customUserData extends a template",
    { ...withoutUserData, customUserData: "echo" },
    { customUserData: "echo" },
    /customUserData needs bootstrapTemplate/,
  ),
  nodeClass(
    "kubelet settings need a template",
    { ...withoutUserData, kubelet: { maxPods: 58, nodeTaints: [taint], extraArgs: ["--v=4"] } },
    { kubelet: { maxPods: 58 } },
    /kubelet needs bootstrapTemplate/,
  ),
  nodeClass(
    "the image comes from one place",
    { ami: undefined, amiSelector: { name: "ours-*", owner: "self" } },
    { amiSelector: { name: "ours-*" } },
    /at most one of ami and amiSelector/,
  ),
  nodeClass(
    "only a template has a default image",
    { ...withoutUserData, ami: undefined },
    { ami: undefined },
    /userData needs ami or amiSelector/,
  ),
  nodeClass("ami is an image's id", { ami: "ami-0123456789abcdef0" }, { ami: "latest" }, /spec\.ami/),
  nodeClass(
    "amiSelector selects",
    { ami: undefined, amiSelector: { tags: { team: "ci" } } },
    { ami: undefined, amiSelector: { owner: "self" } },
    /amiSelector needs tags or name/,
  ),
  nodeClass(
    "amiSelector.owner is an account or an alias",
    { ami: undefined, amiSelector: { name: "x", owner: "123456789012" } },
    { ami: undefined, amiSelector: { name: "x", owner: "12345" } },
    /amiSelector\.owner/,
  ),
  nodeClass("region is a region", { region: "us-gov-west-1" }, { region: "Ireland" }, /spec\.region/),
  nodeClass("architecture is known", { architecture: "arm64" }, { architecture: "amd64" }, /spec\.architecture/),
  nodeClass(
    "subnets come from one place",
    { subnetIds: undefined, subnetSelector: { tags: { team: "ci" } } },
    { subnetSelector: { tags: { team: "ci" } } },
    /exactly one of subnetIds and subnetSelector/,
  ),
  nodeClass("there is a subnet", { subnetIds: ["subnet-1", "subnet-2"] }, { subnetIds: [] }, /spec\.subnetIds/),
  nodeClass(
    "subnetSelector selects",
    { subnetIds: undefined, subnetSelector: { tags: { team: "*" } } },
    { subnetIds: undefined, subnetSelector: { tags: {} } },
    /subnetSelector\.tags/,
  ),
  nodeClass(
    "security groups come from one place",
    { securityGroupIds: undefined, securityGroupSelector: { name: "node" } },
    { securityGroupSelector: { name: "node" } },
    /exactly one of securityGroupIds and securityGroupSelector/,
  ),
  nodeClass("there is a security group", { securityGroupIds: ["sg-1"] }, { securityGroupIds: [] }, /securityGroupIds/),
  nodeClass(
    "securityGroupSelector selects",
    { securityGroupIds: undefined, securityGroupSelector: { tags: { team: "ci" } } },
    { securityGroupIds: undefined, securityGroupSelector: {} },
    /securityGroupSelector needs tags or name/,
  ),
  nodeClass(
    "the profile comes from one place",
    { iamInstanceProfile: undefined, role: "node-role" },
    { role: "node-role" },
    /exactly one of iamInstanceProfile and role/,
  ),
  nodeClass(
    "role is a name",
    { iamInstanceProfile: undefined, role: "node-role" },
    { iamInstanceProfile: undefined, role: "arn:aws:iam::123456789012:role/node-role" },
    /spec\.role/,
  ),
  nodeClass(
    "httpTokens is known",
    { metadataOptions: { httpTokens: "optional" } },
    { metadataOptions: { httpTokens: "sometimes" } },
    /httpTokens/,
  ),
  nodeClass(
    "the hop limit is EC2's",
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
    "throughput is of gp3",
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
    "a capacity reservation is said in one way",
    { capacityReservation: { id: "cr-0123456789abcdef0" } },
    { capacityReservation: { id: "cr-0123456789abcdef0", preference: "open" } },
    /capacityReservation: .*exactly one of id, resourceGroupArn and preference/,
  ),
  nodeClass(
    "a capacity reservation's preference is EC2's",
    { capacityReservation: { preference: "capacity-reservations-only" } },
    { capacityReservation: { preference: "maybe" } },
    /capacityReservation\.preference/,
  ),
  nodeClass(
    "a group of capacity reservations is a resource group",
    { capacityReservation: { resourceGroupArn: "arn:aws:resource-groups:us-east-1:123456789012:group/gpus" } },
    { capacityReservation: { resourceGroupArn: "gpus" } },
    /capacityReservation\.resourceGroupArn/,
  ),
  nodeClass(
    "tenancy is not that of a host",
    { tenancy: "dedicated", placementGroup: "training", hibernation: true },
    { tenancy: "host" },
    /spec\.tenancy/,
  ),
  nodeClass("a placement group has a name", { placementGroup: "training" }, { placementGroup: "" }, /placementGroup/),
  nodeClass(
    "tags leave aws: alone",
    { tags: { team: "ci" } },
    { tags: { "aws:team": "ci" } },
    /must not start with aws:/,
  ),
  nodeClass(
    "spotConfig names a type",
    { spotConfig: { instanceTypes: ["m5.large"], maxPrice: "0.05" } },
    { spotConfig: { instanceTypes: [] } },
    /spotConfig\.instanceTypes/,
  ),
  nodeClass(
    "spotConfig.maxPrice is a price",
    { spotConfig: { instanceTypes: ["m5.large"], maxPrice: "1" } },
    { spotConfig: { instanceTypes: ["m5.large"], maxPrice: "$1" } },
    /spotConfig\.maxPrice/,
  ),
];
