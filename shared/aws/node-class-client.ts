import {
  type EC2Client,
  type Image as Ec2Image,
  type Filter,
  paginateDescribeImages,
  paginateDescribeInstances,
  paginateDescribeInstanceTypes,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
} from "@aws-sdk/client-ec2";
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  type IAMClient,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import type { Image } from "../model/class-resources.ts";
import { isNotFound } from "./errors.ts";
import { toInstanceTypeFacts } from "./instance-type.ts";
import type { NodeClassResources, ResourceFilter } from "./node-class-resources.ts";

/** EC2's maximum page size for images, instances, security groups and subnets. */
const PAGE_SIZE = 1000;
/** EC2's maximum page size for instance types. */
const INSTANCE_TYPE_PAGE_SIZE = 100;

interface Clients {
  readonly ec2: EC2Client;
  readonly iam: IAMClient;
  readonly ssm: SSMClient;
}

/** Implements `NodeClassResources` with SDK clients, which set region, retries and timeouts. */
export const createNodeClassResources = (clients: Clients): NodeClassResources => ({
  ...ec2Resources(clients.ec2),
  ...instanceProfiles(clients.iam),
  readParameter: (name) =>
    orUndefined(async () => (await clients.ssm.send(new GetParameterCommand({ Name: name }))).Parameter?.Value),
});

type Ec2Resources = Pick<
  NodeClassResources,
  "findImages" | "findSubnets" | "findSecurityGroups" | "findInstanceTypes" | "findInstancesWithProfile"
>;

/** Every state but `shutting-down` and `terminated`. */
const WITH_CREDENTIALS = ["pending", "running", "stopping", "stopped"];

const ec2Resources = (client: EC2Client): Ec2Resources => ({
  findImages: async (filter) => {
    // Without IncludeDeprecated, a filter hides deprecated images from all but their owner (DescribeImages, API reference).
    const search = "ids" in filter ? { IncludeDeprecated: true } : { Owners: [...filter.owners] };
    const filters = [...filtersOf(filter, "image-id", "name"), { Name: "state", Values: ["available"] }];
    if ("architecture" in filter) filters.push({ Name: "architecture", Values: [filter.architecture] });
    const pages = paginateDescribeImages({ client, pageSize: PAGE_SIZE }, { ...search, Filters: filters });
    const images = await readAll(pages, (page) => page.Images);
    return images.map(toImage);
  },
  findSubnets: async (filter) => {
    const pages = paginateDescribeSubnets(
      { client, pageSize: PAGE_SIZE },
      { Filters: filtersOf(filter, "subnet-id", "tag:Name") },
    );
    const subnets = await readAll(pages, (page) => page.Subnets);
    return subnets.map(({ SubnetId = "", AvailabilityZone = "", VpcId = "", AvailableIpAddressCount = 0 }) => ({
      id: SubnetId,
      zone: AvailabilityZone,
      vpcId: VpcId,
      freeAddresses: AvailableIpAddressCount,
    }));
  },
  findSecurityGroups: async (filter) => {
    const pages = paginateDescribeSecurityGroups(
      { client, pageSize: PAGE_SIZE },
      { Filters: filtersOf(filter, "group-id", "group-name") },
    );
    const groups = await readAll(pages, (page) => page.SecurityGroups);
    return groups.map(({ GroupId = "", GroupName = "", VpcId = "" }) => ({
      id: GroupId,
      name: GroupName,
      vpcId: VpcId,
    }));
  },
  findInstanceTypes: async (names) => {
    const Filters = [{ Name: "instance-type", Values: [...names] }];
    const pages = paginateDescribeInstanceTypes({ client, pageSize: INSTANCE_TYPE_PAGE_SIZE }, { Filters });
    return (await readAll(pages, (page) => page.InstanceTypes)).map(toInstanceTypeFacts);
  },
  findInstancesWithProfile: async (arn) => {
    const Filters = [
      { Name: "iam-instance-profile.arn", Values: [arn] },
      { Name: "instance-state-name", Values: WITH_CREDENTIALS },
    ];
    const pages = paginateDescribeInstances({ client, pageSize: PAGE_SIZE }, { Filters });
    const reservations = await readAll(pages, (page) => page.Reservations);
    return reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId = "" }) => InstanceId));
  },
});

const toImage = (image: Ec2Image): Image => ({
  id: image.ImageId ?? "",
  creationDate: image.CreationDate ?? "",
  architecture: image.Architecture ?? "",
  rootDevice: image.RootDeviceName ?? "",
  devices: (image.BlockDeviceMappings ?? []).flatMap(({ DeviceName }) => DeviceName ?? []),
  ...(image.DeprecationTime && { deprecatedAt: image.DeprecationTime }),
});

/** Ids are passed as a filter, so that one that does not exist is omitted instead of failing the call. */
const filtersOf = (filter: ResourceFilter, idFilter: string, nameFilter: string): Filter[] => {
  if ("ids" in filter) return [{ Name: idFilter, Values: [...filter.ids] }];
  const tags = Object.entries(filter.tags ?? {}).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] }));
  return filter.name ? [...tags, { Name: nameFilter, Values: [filter.name] }] : tags;
};

const readAll = async <Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => Item[] | undefined,
): Promise<Item[]> => {
  const items: Item[] = [];
  for await (const page of pages) items.push(...(itemsOf(page) ?? []));
  return items;
};

const instanceProfiles = (
  client: IAMClient,
): Pick<NodeClassResources, "readProfile" | "createProfile" | "addRole" | "removeRole" | "deleteProfile"> => ({
  readProfile: (name) =>
    orUndefined(async () => {
      const { InstanceProfile } = await client.send(new GetInstanceProfileCommand({ InstanceProfileName: name }));
      return {
        arn: InstanceProfile?.Arn ?? "",
        createdAt: InstanceProfile?.CreateDate?.getTime() ?? 0,
        roles: (InstanceProfile?.Roles ?? []).flatMap(({ RoleName }) => RoleName ?? []),
        tags: Object.fromEntries((InstanceProfile?.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
      };
    }),
  createProfile: async (name, tags) => {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await client.send(new CreateInstanceProfileCommand({ InstanceProfileName: name, Tags }));
  },
  addRole: async (profile, role) => {
    const command = new AddRoleToInstanceProfileCommand({ InstanceProfileName: profile, RoleName: role });
    const added = await orUndefined(async () => client.send(command));
    return added !== undefined;
  },
  removeRole: async (profile, role) => {
    const command = new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: profile, RoleName: role });
    await orUndefined(async () => client.send(command));
  },
  deleteProfile: async (name) => {
    await orUndefined(async () => client.send(new DeleteInstanceProfileCommand({ InstanceProfileName: name })));
  },
});

const orUndefined = async <T>(call: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await call();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};
