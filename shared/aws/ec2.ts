/** The EC2 calls Stratos makes, in its own words. `shared/aws/ec2-client.ts` makes it from an SDK client. */
import type { InstanceTypeFacts } from "./instance-type.ts";

export type InstanceState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

export interface Ec2Instance {
  readonly instanceId: string;
  readonly state: InstanceState;
  readonly instanceType: string;
  readonly zone: string;
  readonly subnetId: string;
  readonly imageId: string;
  readonly privateDnsName: string;
  /** Milliseconds since the epoch; the last start, not the first. */
  readonly launchTime: number;
  readonly clientToken: string;
  readonly amiLaunchIndex: number;
  /** EC2's code, e.g. `Client.UserInitiatedShutdown`, `Server.SpotInstanceTermination`. */
  readonly stateReason: string;
  readonly spot: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface BlockDevice {
  readonly deviceName: string;
  readonly volumeSize?: number;
  readonly volumeType?: string;
  readonly encrypted?: boolean;
  readonly iops?: number;
  readonly throughput?: number;
}

/** What a launch may ask for besides; each as RunInstances has it. */
export interface LaunchOptions {
  readonly capacityReservation?: {
    readonly id?: string;
    readonly resourceGroupArn?: string;
    readonly preference?: string;
  };
  readonly tenancy?: "default" | "dedicated";
  readonly placementGroup?: string;
  readonly hibernation?: boolean;
}

export interface LaunchSpec {
  /** At most 64 ASCII characters; the same token with the same spec yields the same instances. */
  readonly clientToken: string;
  readonly count: number;
  readonly imageId: string;
  readonly instanceType: string;
  readonly subnetId: string;
  readonly securityGroupIds: readonly string[];
  /** Name or ARN. */
  readonly instanceProfile: string;
  /** Plain text, encoded on the way; or with `userDataIsGzip` compressed and in base64 already. */
  readonly userData: string;
  readonly userDataIsGzip?: boolean;
  readonly metadataOptions: {
    readonly httpTokens: "required" | "optional";
    readonly httpPutResponseHopLimit: number;
    readonly httpEndpoint: "enabled" | "disabled";
  };
  readonly blockDevices: readonly BlockDevice[];
  readonly options?: LaunchOptions;
  /** Put on the instance, its volumes and network interfaces in the launch call itself. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What EC2 finds wrong with an instance or has planned for it. Times are milliseconds since the epoch. */
export interface InstanceTrouble {
  readonly instanceId: string;
  /** Since when a status check has failed: `system` is the host's, `instance` the guest's. */
  readonly impaired?: { readonly check: "system" | "instance"; readonly since: number };
  /** The earliest of the events that are still to come, as `instance-retirement`. */
  readonly event?: { readonly id: string; readonly code: string; readonly notBefore: number };
}

/**
 * Every method throws the SDK's errors; `shared/aws/errors.ts` tells them apart. Lists are read to their last page.
 * Mutating calls take at most 1000 ids and make one request each.
 */
export interface Ec2 {
  /** By tags (all must match) or ids; instances that do not exist are left out, not an error. */
  describeInstances(
    filter: { tags: Readonly<Record<string, string>> } | { ids: readonly string[] },
  ): Promise<Ec2Instance[]>;
  /** Launches 1 to `count` instances (MinCount 1), in amiLaunchIndex order, with shutdown behaviour `stop`. */
  runInstances(spec: LaunchSpec): Promise<Ec2Instance[]>;
  startInstances(ids: readonly string[]): Promise<void>;
  stopInstances(ids: readonly string[], options?: { readonly force?: boolean }): Promise<void>;
  terminateInstances(ids: readonly string[]): Promise<void>;
  tagInstances(ids: readonly string[], tags: Readonly<Record<string, string>>): Promise<void>;
  /** All instances of the region that are in trouble, which are few; three requests. */
  describeTroubles(): Promise<InstanceTrouble[]>;
  /** vCPUs, memory and pod limits (by network interfaces, as EKS computes them) of an instance type; undefined if unknown. */
  describeInstanceType(instanceType: string): Promise<InstanceTypeFacts | undefined>;
}
