/** The port for the AWS calls that resolve a node class; implemented in `node-class-client.ts`. Lists are read to the last page. */
import type { Image, InstanceProfile, SecurityGroup, Subnet } from "../model/class-resources.ts";
import type { InstanceTypeFacts } from "../model/ec2.ts";

/** Either ids, or tags and a name that must all match; tag values and names may contain EC2 wildcards. */
export type ResourceFilter =
  | { readonly ids: readonly string[] }
  | { readonly tags?: Readonly<Record<string, string>>; readonly name?: string };

/** Owners and architecture restrict a search, but not a lookup by id. */
export type ImageFilter =
  | { readonly ids: readonly string[] }
  | {
      readonly tags?: Readonly<Record<string, string>>;
      readonly name?: string;
      readonly owners: readonly string[];
      readonly architecture: string;
    };

/** Every method throws the SDK's errors; a resource that does not exist is omitted from lists, or undefined. */
export interface NodeClassResources {
  /** Available images only; deprecated ones by their id only. */
  findImages(filter: ImageFilter): Promise<readonly Image[]>;
  findSubnets(filter: ResourceFilter): Promise<readonly Subnet[]>;
  findSecurityGroups(filter: ResourceFilter): Promise<readonly SecurityGroup[]>;
  findInstanceTypes(names: readonly string[]): Promise<readonly InstanceTypeFacts[]>;
  /** Ids of the instances that carry the profile, stopped ones included. */
  findInstancesWithProfile(profileArn: string): Promise<readonly string[]>;
  /** The value of a public SSM parameter. */
  readParameter(name: string): Promise<string | undefined>;
  readProfile(name: string): Promise<InstanceProfile | undefined>;
  createProfile(name: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** False if there is no such role. */
  addRole(profile: string, role: string): Promise<boolean>;
  removeRole(profile: string, role: string): Promise<void>;
  deleteProfile(name: string): Promise<void>;
}
