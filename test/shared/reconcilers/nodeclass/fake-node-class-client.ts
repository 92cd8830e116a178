/** A small AWS account: what is in it can be changed at any time, calls can be made to fail, and IAM keeps its state and rules. */
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

export interface FakeCloud extends NodeClassResources {
  images: FakeImage[];
  subnets: (Tagged & { readonly zone: string; readonly freeAddresses: number })[];
  instanceTypes: InstanceTypeFacts[];
  /** When profiles are created. */
  now: number;
  securityGroups: (Tagged & { readonly name: string })[];
  readonly parameters: Map<string, string>;
  readonly roles: Set<string>;
  readonly profiles: Map<string, { createdAt: number; roles: string[]; tags: Readonly<Record<string, string>> }>;
  /** Method names whose next calls throw. */
  readonly failing: Set<keyof NodeClassResources>;
}

const matches = (resource: Tagged, filter: ResourceFilter | ImageFilter): boolean => {
  if ("ids" in filter) return filter.ids.includes(resource.id);
  const hasTags = Object.entries(filter.tags ?? {}).every(([key, value]) => resource.tags?.[key] === value);
  return hasTags && (filter.name === undefined || filter.name === resource.name);
};

const isOffered = (image: FakeImage, filter: ImageFilter): boolean =>
  "ids" in filter || (filter.owners.includes(image.owner) && filter.architecture === image.architecture);

/** One image, one subnet, one security group and one role, as the builders' class names them. */
export const createFakeCloud = (): FakeCloud => {
  const failing = new Set<keyof NodeClassResources>();
  const check = (method: keyof NodeClassResources) => {
    if (failing.has(method)) throw Object.assign(new Error(`${method} is throttled`), { name: "Throttling" });
  };
  const profiles: FakeCloud["profiles"] = new Map();
  const existing = (name: string) => {
    const profile = profiles.get(name);
    if (!profile) throw new Error(`no instance profile ${name}`);
    return profile;
  };
  const cloud: FakeCloud = {
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
      return cloud.images.filter((image) => matches(image, filter) && isOffered(image, filter));
    },
    findSubnets: async (filter) => {
      check("findSubnets");
      return cloud.subnets
        .filter((subnet) => matches(subnet, filter))
        .map(({ id, zone, freeAddresses }) => ({ id, zone, freeAddresses }));
    },
    findSecurityGroups: async (filter) => {
      check("findSecurityGroups");
      return cloud.securityGroups.filter((group) => matches(group, filter)).map(({ id, name }) => ({ id, name }));
    },
    findInstanceTypes: async (names) => {
      check("findInstanceTypes");
      return cloud.instanceTypes.filter(({ instanceType }) => names.includes(instanceType));
    },
    readParameter: async (name) => {
      check("readParameter");
      return cloud.parameters.get(name);
    },
    readProfile: async (name): Promise<InstanceProfile | undefined> => {
      check("readProfile");
      return structuredClone(profiles.get(name));
    },
    createProfile: async (name, tags) => {
      check("createProfile");
      if (profiles.has(name)) throw new Error(`instance profile ${name} already exists`);
      profiles.set(name, { createdAt: cloud.now, roles: [], tags });
    },
    addRole: async (name, role) => {
      check("addRole");
      if (existing(name).roles.length > 0) throw new Error("LimitExceeded: an instance profile holds one role");
      if (!cloud.roles.has(role)) return false;
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
  return cloud;
};
