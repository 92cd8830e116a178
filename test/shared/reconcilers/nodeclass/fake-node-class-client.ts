/** A fake AWS account: tests can change its resources at any time and make calls fail; IAM keeps state and enforces its rules. */
import type { ImageFilter, NodeClassResources, ResourceFilter } from "../../../../shared/aws/node-class-resources.ts";
import type { Image, InstanceProfile } from "../../../../shared/model/class-resources.ts";
import type { InstanceTypeFacts } from "../../../../shared/model/ec2.ts";
import { anImage, anInstanceType, aSecurityGroup, aSubnet, NOW } from "../../nodeclass/builders.ts";

export interface FakeImage extends Partial<Image> {
  readonly id: string;
  readonly creationDate: string;
  readonly owner: string;
  readonly architecture: string;
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

interface Tagged {
  readonly id: string;
  /** Default: `vpc-1`. */
  readonly vpcId?: string;
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface FakeResources extends NodeClassResources {
  images: FakeImage[];
  subnets: (Tagged & { readonly zone: string; readonly freeAddresses: number })[];
  instanceTypes: InstanceTypeFacts[];
  /** The creation time of new profiles. */
  now: number;
  securityGroups: (Tagged & { readonly name: string })[];
  readonly parameters: Map<string, string>;
  readonly roles: Set<string>;
  /** Ids of instances by the ARN of the profile that they carry. */
  readonly carriers: Map<string, readonly string[]>;
  readonly profiles: Map<
    string,
    { arn: string; createdAt: number; roles: string[]; tags: Readonly<Record<string, string>> }
  >;
  /** Methods whose calls throw. */
  readonly failing: Set<keyof NodeClassResources>;
}

const matches = (resource: Tagged, filter: ResourceFilter | ImageFilter): boolean => {
  if ("ids" in filter) return filter.ids.includes(resource.id);
  const hasTags = Object.entries(filter.tags ?? {}).every(([key, value]) => resource.tags?.[key] === value);
  return hasTags && (filter.name === undefined || filter.name === resource.name);
};

const isOffered = (image: FakeImage, filter: ImageFilter): boolean =>
  "ids" in filter || (filter.owners.includes(image.owner) && filter.architecture === image.architecture);

/** One image, subnet, security group and role, matching the class of the builders. */
export const createFakeResources = (): FakeResources => {
  const failing = new Set<keyof NodeClassResources>();
  const check = (method: keyof NodeClassResources) => {
    if (failing.has(method)) throw Object.assign(new Error(`${method} is throttled`), { name: "Throttling" });
  };
  const profiles: FakeResources["profiles"] = new Map();
  const existing = (name: string) => {
    const profile = profiles.get(name);
    if (!profile) throw new Error(`no instance profile ${name}`);
    return profile;
  };
  const resources: FakeResources = {
    images: [{ id: "ami-1", creationDate: "2026-01-01T00:00:00.000Z", owner: "self", architecture: "x86_64" }],
    subnets: [{ id: "subnet-1", zone: "us-east-1a", freeAddresses: 4000 }],
    instanceTypes: [anInstanceType()],
    now: NOW - 60_000,
    securityGroups: [{ id: "sg-1", name: "node" }],
    parameters: new Map(),
    roles: new Set(["node-role"]),
    carriers: new Map(),
    profiles,
    failing,
    findImages: async (filter) => {
      check("findImages");
      return resources.images
        .filter((image) => matches(image, filter) && isOffered(image, filter))
        .map(({ owner: _owner, name: _name, tags: _tags, ...image }) => anImage(image));
    },
    findSubnets: async (filter) => {
      check("findSubnets");
      return resources.subnets
        .filter((subnet) => matches(subnet, filter))
        .map(({ id, zone, freeAddresses, vpcId }) => aSubnet({ id, zone, freeAddresses, ...(vpcId && { vpcId }) }));
    },
    findSecurityGroups: async (filter) => {
      check("findSecurityGroups");
      return resources.securityGroups
        .filter((group) => matches(group, filter))
        .map(({ id, name, vpcId }) => aSecurityGroup({ id, name, ...(vpcId && { vpcId }) }));
    },
    findInstanceTypes: async (names) => {
      check("findInstanceTypes");
      return resources.instanceTypes.filter(({ instanceType }) => names.includes(instanceType));
    },
    findInstancesWithProfile: async (arn) => {
      check("findInstancesWithProfile");
      return resources.carriers.get(arn) ?? [];
    },
    readParameter: async (name) => {
      check("readParameter");
      return resources.parameters.get(name);
    },
    readProfile: async (name): Promise<InstanceProfile | undefined> => {
      check("readProfile");
      return structuredClone(profiles.get(name));
    },
    createProfile: async (name, tags) => {
      check("createProfile");
      if (profiles.has(name)) throw new Error(`instance profile ${name} already exists`);
      profiles.set(name, {
        arn: `arn:aws:iam::123456789012:instance-profile/${name}`,
        createdAt: resources.now,
        roles: [],
        tags,
      });
    },
    addRole: async (name, role) => {
      check("addRole");
      if (existing(name).roles.length > 0) throw new Error("LimitExceeded: an instance profile holds one role");
      if (!resources.roles.has(role)) return false;
      existing(name).roles.push(role);
      return true;
    },
    removeRole: async (name, role) => {
      check("removeRole");
      const profile = existing(name);
      profile.roles = profile.roles.filter((other) => other !== role);
    },
    deleteProfile: async (name) => {
      check("deleteProfile");
      if (existing(name).roles.length > 0) throw new Error("DeleteConflict: the instance profile still has a role");
      profiles.delete(name);
    },
  };
  return resources;
};
