/** The port for the EC2 calls that Stratos makes. `shared/aws/ec2-client.ts` implements it with an SDK client. */
import type { Ec2Instance, InstanceHardware, InstanceHealth, InstanceTypeFacts, LaunchSpec } from "../model/ec2.ts";

/**
 * Every method throws the SDK's errors; `shared/aws/errors.ts` classifies them. Lists are read to the last page.
 * Mutating calls take at most 1000 ids and make one request each.
 */
export interface Ec2 {
  /** By tags (all must match), ids, or the token of a launch; an instance that does not exist is omitted, not an error. */
  describeInstances(
    filter: { tags: Readonly<Record<string, string>> } | { ids: readonly string[] } | { clientToken: string },
  ): Promise<Ec2Instance[]>;
  /** Launches 1 to `count` instances (MinCount 1), in amiLaunchIndex order, with shutdown behaviour `stop`. */
  runInstances(spec: LaunchSpec): Promise<Ec2Instance[]>;
  startInstances(ids: readonly string[]): Promise<void>;
  /** Changes the type of a stopped instance. Setting the type that it has is no error. */
  changeInstanceType(id: string, instanceType: string): Promise<void>;
  stopInstances(ids: readonly string[], options?: { readonly force?: boolean }): Promise<void>;
  terminateInstances(ids: readonly string[]): Promise<void>;
  tagInstances(ids: readonly string[], tags: Readonly<Record<string, string>>): Promise<void>;
  /** All unhealthy instances of the region, which are few; makes three requests. */
  describeInstanceHealth(): Promise<InstanceHealth[]>;
  /** An instance that does not exist is omitted. */
  describeHardware(ids: readonly string[]): Promise<InstanceHardware[]>;
  /** vCPUs, memory and pod limits (by network interfaces, as EKS computes them) of an instance type; undefined if unknown. */
  describeInstanceType(instanceType: string): Promise<InstanceTypeFacts | undefined>;
}
