/** A fake AWS account: tests can change its resources at any time and make calls fail; IAM keeps state and enforces its rules. */
import type { ImageFilter, NodeClassResources, ResourceFilter } from "../../../../shared/aws/node-class-resources.ts";
import type { InstanceProfile } from "../../../../shared/model/class-resources.ts";
import type { InstanceTypeFacts } from "../../../../shared/model/ec2.ts";
import { anInstanceType, NOW } from "../../nodeclass/builders.ts";

export interface FakeImage {
  readonly id: string;
  readonly creationDate: string;
  readonly owner: string;
  readonly architecture: string;
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

interface Tagged {
  readonly id: string;
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
  readonly profiles: Map<string, { createdAt: number; roles: string[]; tags: Readonly<Record<string, string>> }>;
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
    profiles,
    failing,
    findImages: async (filter) => {
      check("findImages");
      return resources.images.filter((image) => matches(image, filter) && isOffered(image, filter));
    },
    findSubnets: async (filter) => {
      check("findSubnets");
      return resources.subnets
        .filter((subnet) => matches(subnet, filter))
        .map(({ id, zone, freeAddresses }) => ({ id, zone, freeAddresses }));
    },
    findSecurityGroups: async (filter) => {
      check("findSecurityGroups");
      return resources.securityGroups.filter((group) => matches(group, filter)).map(({ id, name }) => ({ id, name }));
    },
    findInstanceTypes: async (names) => {
      check("findInstanceTypes");
      return resources.instanceTypes.filter(({ instanceType }) => names.includes(instanceType));
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
      profiles.set(name, { createdAt: resources.now, roles: [], tags });
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
