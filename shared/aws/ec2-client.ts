import {
  type _InstanceType,
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  type EC2Client,
  type Filter,
  type Instance,
  ModifyInstanceAttributeCommand,
  type ResourceType,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type {
  BlockDevice,
  Ec2Instance,
  InstanceState,
  InstanceTypeFacts,
  LaunchOptions,
  LaunchSpec,
} from "../model/ec2.ts";
import { toHardware } from "./describe-hardware.ts";
import { describeInstanceHealth } from "./describe-instance-health.ts";
import type { Ec2 } from "./ec2.ts";
import { toInstanceTypeFacts } from "./instance-type.ts";
import { createRateLimiter } from "./rate-limiter.ts";

/** EC2's maximum number of values per filter. */
const IDS_PER_FILTER = 200;
const MAX_PAGES = 100;

const toTags = (tags: Readonly<Record<string, string>>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const toInstance = (instance: Instance): Ec2Instance => ({
  instanceId: instance.InstanceId ?? "",
  state: (instance.State?.Name ?? "pending") as InstanceState,
  instanceType: instance.InstanceType ?? "",
  zone: instance.Placement?.AvailabilityZone ?? "",
  subnetId: instance.SubnetId ?? "",
  imageId: instance.ImageId ?? "",
  privateDnsName: instance.PrivateDnsName ?? "",
  launchTime: instance.LaunchTime?.getTime() ?? 0,
  clientToken: instance.ClientToken ?? "",
  amiLaunchIndex: instance.AmiLaunchIndex ?? 0,
  stateReason: instance.StateReason?.Message ?? instance.StateReason?.Code ?? "",
  spot: instance.InstanceLifecycle === "spot",
  tags: Object.fromEntries((instance.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
});

const toDevice = (device: BlockDevice) => ({
  DeviceName: device.deviceName,
  Ebs: {
    VolumeSize: device.volumeSize,
    VolumeType: device.volumeType as "gp3" | undefined,
    Encrypted: device.encrypted,
    Iops: device.iops,
    Throughput: device.throughput,
    KmsKeyId: device.kmsKeyId,
    SnapshotId: device.snapshotId,
    VolumeInitializationRate: device.volumeInitializationRate,
    DeleteOnTermination: device.deleteOnTermination ?? true,
  },
});

const TAGGED: readonly ResourceType[] = ["instance", "volume", "network-interface"];

const toReservation = ({ id, resourceGroupArn, preference }: NonNullable<LaunchOptions["capacityReservation"]>) => ({
  CapacityReservationPreference: preference as "open" | undefined,
  ...((id || resourceGroupArn) && {
    CapacityReservationTarget: { CapacityReservationId: id, CapacityReservationResourceGroupArn: resourceGroupArn },
  }),
});

/** EC2 finds a placement group that another account shares by its id only ("Share a placement group", Amazon EC2 User Guide). */
const toGroup = (placementGroup: string | undefined) =>
  /^pg-[0-9a-f]{8,}$/.test(placementGroup ?? "") ? { GroupId: placementGroup } : { GroupName: placementGroup };

const toOptions = ({ capacityReservation, tenancy, placementGroup, hibernation, ipv6AddressCount }: LaunchOptions) => ({
  ...((tenancy || placementGroup) && { Placement: { Tenancy: tenancy, ...toGroup(placementGroup) } }),
  ...(capacityReservation && { CapacityReservationSpecification: toReservation(capacityReservation) }),
  ...(hibernation && { HibernationOptions: { Configured: true } }),
  ...(ipv6AddressCount !== undefined && { Ipv6AddressCount: ipv6AddressCount }),
});

const runCommand = (spec: LaunchSpec) =>
  new RunInstancesCommand({
    ClientToken: spec.clientToken,
    MinCount: 1,
    MaxCount: spec.count,
    ImageId: spec.imageId,
    InstanceType: spec.instanceType as _InstanceType,
    SubnetId: spec.subnetId,
    SecurityGroupIds: [...spec.securityGroupIds],
    IamInstanceProfile: spec.instanceProfile.startsWith("arn:")
      ? { Arn: spec.instanceProfile }
      : { Name: spec.instanceProfile },
    UserData: spec.userDataIsGzip ? spec.userData : Buffer.from(spec.userData).toString("base64"),
    InstanceInitiatedShutdownBehavior: "stop",
    MetadataOptions: {
      HttpTokens: spec.metadataOptions.httpTokens,
      HttpPutResponseHopLimit: spec.metadataOptions.httpPutResponseHopLimit,
      HttpEndpoint: spec.metadataOptions.httpEndpoint,
    },
    BlockDeviceMappings: spec.blockDevices.map(toDevice),
    ...toOptions(spec.options ?? {}),
    TagSpecifications: TAGGED.map((ResourceType) => ({ ResourceType, Tags: toTags(spec.tags) })),
  });

const describe = async <T>(client: EC2Client, Filters: Filter[], convert: (instance: Instance) => T): Promise<T[]> => {
  const instances: T[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await client.send(new DescribeInstancesCommand({ Filters, MaxResults: 1000, NextToken }));
    for (const { Instances = [] } of answer.Reservations ?? []) instances.push(...Instances.map(convert));
    NextToken = answer.NextToken;
    if (!NextToken) return instances;
  }
  throw new Error(`describing instances: more than ${MAX_PAGES} pages`);
};

const describeTags = (client: EC2Client, tags: Readonly<Record<string, string>>): Promise<Ec2Instance[]> =>
  describe(
    client,
    Object.entries(tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] })),
    toInstance,
  );

/** The `instance-id` filter ignores ids that do not exist; with the InstanceIds parameter they fail the whole call. */
const describeIds = async <T>(
  client: EC2Client,
  ids: readonly string[],
  convert: (instance: Instance) => T,
): Promise<T[]> => {
  const found: T[] = [];
  for (let start = 0; start < ids.length; start += IDS_PER_FILTER) {
    const Values = ids.slice(start, start + IDS_PER_FILTER);
    found.push(...(await describe(client, [{ Name: "instance-id", Values }], convert)));
  }
  return found;
};

const describeType = async (client: EC2Client, instanceType: string): Promise<InstanceTypeFacts | undefined> => {
  const Filters = [{ Name: "instance-type", Values: [instanceType] }];
  const { InstanceTypes = [] } = await client.send(new DescribeInstanceTypesCommand({ Filters }));
  return InstanceTypes[0] && toInstanceTypeFacts(InstanceTypes[0]);
};

/**
 * EC2's token buckets for starts and for launches hold 5 requests and refill at 2 per second, that of calls without a bucket of their own 50 and 5
 * ("Request throttling for the Amazon EC2 API"). Some requests are left for other callers.
 */
const createEc2RateLimiter = (burst: number, perSecond: number) =>
  createRateLimiter({
    burst,
    perSecond,
    now: () => Date.now(),
    pause: (ms) => new Promise((done) => setTimeout(done, ms)),
  });

export const createEc2 = (
  client: EC2Client,
  startLimiter = createEc2RateLimiter(4, 2),
  launchLimiter = createEc2RateLimiter(4, 2),
  resizeLimiter = createEc2RateLimiter(20, 5),
): Ec2 => ({
  describeInstances: (filter) => {
    if ("ids" in filter) return describeIds(client, filter.ids, toInstance);
    if ("tags" in filter) return describeTags(client, filter.tags);
    return describe(client, [{ Name: "client-token", Values: [filter.clientToken] }], toInstance);
  },
  runInstances: async (spec) => {
    await launchLimiter();
    const { Instances = [] } = await client.send(runCommand(spec));
    return Instances.map(toInstance).toSorted((one, other) => one.amiLaunchIndex - other.amiLaunchIndex);
  },
  startInstances: async (ids) => {
    await startLimiter();
    await client.send(new StartInstancesCommand({ InstanceIds: [...ids] }));
  },
  changeInstanceType: async (InstanceId, instanceType) => {
    await resizeLimiter();
    await client.send(new ModifyInstanceAttributeCommand({ InstanceId, InstanceType: { Value: instanceType } }));
  },
  stopInstances: async (ids, { force = false } = {}) =>
    void (await client.send(new StopInstancesCommand({ InstanceIds: [...ids], ...(force && { Force: true }) }))),
  terminateInstances: async (ids) => void (await client.send(new TerminateInstancesCommand({ InstanceIds: [...ids] }))),
  tagInstances: async (ids, tags) =>
    void (await client.send(new CreateTagsCommand({ Resources: [...ids], Tags: toTags(tags) }))),
  describeHardware: (ids) => describeIds(client, ids, toHardware),
  describeInstanceHealth: () => describeInstanceHealth(client),
  describeInstanceType: (instanceType) => describeType(client, instanceType),
});
