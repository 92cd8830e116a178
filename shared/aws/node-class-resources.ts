/** What resolving a node class asks of AWS. `aws-cloud.ts` makes it from SDK clients; every list is read to its last page. */
import type { Image, InstanceProfile, SecurityGroup, Subnet } from "../model/class-resources.ts";
import type { InstanceTypeFacts } from "../model/ec2.ts";

/** Either ids, or tags and a name that must all match; tag values and names may hold EC2's wildcards. */
export type ResourceFilter =
  | { readonly ids: readonly string[] }
  | { readonly tags?: Readonly<Record<string, string>>; readonly name?: string };

/** Owners and architecture narrow a search, but not the look at one image by its id. */
export type ImageFilter =
  | { readonly ids: readonly string[] }
  | {
      readonly tags?: Readonly<Record<string, string>>;
      readonly name?: string;
      readonly owners: readonly string[];
      readonly architecture: string;
    };

/** Every method throws the SDK's errors; what does not exist is left out of lists, or undefined. */
export interface NodeClassResources {
  /** Available images only. */
  findImages(filter: ImageFilter): Promise<readonly Image[]>;
  findSubnets(filter: ResourceFilter): Promise<readonly Subnet[]>;
  findSecurityGroups(filter: ResourceFilter): Promise<readonly SecurityGroup[]>;
  findInstanceTypes(names: readonly string[]): Promise<readonly InstanceTypeFacts[]>;
  /** The value of a public SSM parameter. */
  readParameter(name: string): Promise<string | undefined>;
  readProfile(name: string): Promise<InstanceProfile | undefined>;
  createProfile(name: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** False if there is no such role. */
  addRole(profile: string, role: string): Promise<boolean>;
  removeRole(profile: string, role: string): Promise<void>;
  deleteProfile(name: string): Promise<void>;
}
