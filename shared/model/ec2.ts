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
  /** EC2's words, e.g. `Client.UserInitiatedShutdown: User initiated shutdown`; empty while it runs. */
  readonly stateReason: string;
  readonly spot: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** StateReason (Amazon EC2 API Reference), without hibernation's and spot's own codes. */
const REQUESTED: ReadonlySet<string> = new Set([
  "",
  "Client.UserInitiatedShutdown",
  "Client.UserInitiatedHibernate",
  "Client.InstanceInitiatedShutdown",
  "Server.ScheduledStop",
  "Server.SpotInstanceShutdown",
  "Server.SpotInstanceTermination",
]);

const codeOf = (stateReason: string): string => stateReason.split(":")[0] ?? "";

/**
 * Whether EC2 undid a start or a launch that it had accepted, e.g. `Client.InternalError` for a KMS key that refuses. Otherwise somebody, the
 * instance itself or AWS's maintenance stopped or terminated it.
 */
export const isUndone = ({ stateReason }: Ec2Instance): boolean => !REQUESTED.has(codeOf(stateReason));

/** EC2's reason for undoing a start or launch, and where to look if it hides the cause. */
export const undoneReason = ({ stateReason }: Ec2Instance): string =>
  codeOf(stateReason) === "Client.InternalError"
    ? `${stateReason} (usually a volume's KMS key refuses the function: name it in the context kmsKeys, docs/deploy.md#encryption-keys)`
    : stateReason;

/** Whether EC2 interrupted the spot instance. */
export const isInterruptedSpot = ({ stateReason }: Ec2Instance): boolean =>
  codeOf(stateReason) === "Server.SpotInstanceTermination";

export const isSelfStopped = ({ stateReason }: Ec2Instance): boolean =>
  codeOf(stateReason) === "Client.InstanceInitiatedShutdown";

export interface BlockDevice {
  readonly deviceName: string;
  readonly volumeSize?: number;
  readonly volumeType?: string;
  readonly encrypted?: boolean;
  readonly iops?: number;
  readonly throughput?: number;
  readonly kmsKeyId?: string;
  readonly snapshotId?: string;
  /** MiB/s. */
  readonly volumeInitializationRate?: number;
  /** Default: true. */
  readonly deleteOnTermination?: boolean;
}

/** Further launch options, as in RunInstances. */
export interface LaunchOptions {
  readonly capacityReservation?: {
    readonly id?: string;
    readonly resourceGroupArn?: string;
    readonly preference?: string;
  };
  readonly tenancy?: "default" | "dedicated";
  readonly placementGroup?: string;
  readonly hibernation?: boolean;
  readonly ipv6AddressCount?: number;
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
  /** Plain text, which the client encodes; with `userDataIsGzip`, already compressed and base64-encoded. */
  readonly userData: string;
  readonly userDataIsGzip?: boolean;
  readonly metadataOptions: {
    readonly httpTokens: "required" | "optional";
    readonly httpPutResponseHopLimit: number;
    readonly httpEndpoint: "enabled" | "disabled";
  };
  readonly blockDevices: readonly BlockDevice[];
  readonly options?: LaunchOptions;
  /** Applied to the instance, its volumes and network interfaces by the launch call itself. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Failing status checks and scheduled events of an instance. Times are milliseconds since the epoch. */
export interface InstanceHealth {
  readonly instanceId: string;
  /** The status check that fails, and since when: `system` checks the host, `instance` the guest. */
  readonly impaired?: { readonly check: "system" | "instance"; readonly since: number };
  /** The next scheduled event, such as `instance-retirement`. */
  readonly event?: { readonly id: string; readonly code: string; readonly notBefore: number };
}

/** The kind of accelerator of an instance type. It decides which image has the drivers. */
export type Accelerator = "nvidia" | "neuron";

export interface InstanceTypeFacts {
  readonly instanceType: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** From the number of network interfaces and addresses, as EKS calculates it. */
  readonly maxPods: number;
  /** The number of devices of `accelerator`; 0 without one. */
  readonly devices: number;
  readonly accelerator?: Accelerator;
  readonly architectures: readonly string[];
  readonly hibernation: boolean;
  readonly platform: InstancePlatform;
}

/** What decides, besides the architecture, whether an instance of another type can be changed to a type. */
export interface InstancePlatform {
  /** `unsupported`, `supported` or `required`; the Elastic Network Adapter. */
  readonly ena: string;
  /** The same, for volumes. */
  readonly nvme: string;
  /** `legacy-bios`, `uefi`. */
  readonly bootModes: readonly string[];
  readonly interfaces: number;
  readonly addressesPerInterface: number;
  /** How many volumes, with `includeInterfaces` together with network interfaces, can be attached; absent if EC2 does not say. */
  readonly attachments?: { readonly max: number; readonly includeInterfaces: boolean };
}

/** What an instance has that a type must support before the instance can be changed to that type. */
export interface InstanceHardware {
  readonly instanceId: string;
  readonly state: InstanceState;
  readonly isHibernated: boolean;
  /** Whether it is set up for hibernation. */
  readonly hibernation: boolean;
  readonly spot: boolean;
  readonly architecture: string;
  readonly ena: boolean;
  /** Absent if EC2 does not show it. */
  readonly bootMode?: string;
  /** Its network interfaces, also those that the network plugin has attached. */
  readonly interfaces: readonly { readonly addressCount: number }[];
  readonly volumeCount: number;
}
