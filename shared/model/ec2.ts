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
export interface InstanceHealth {
  readonly instanceId: string;
  /** Since when a status check has failed: `system` is the host's, `instance` the guest's. */
  readonly impaired?: { readonly check: "system" | "instance"; readonly since: number };
  /** The earliest of the events that are still to come, as `instance-retirement`. */
  readonly event?: { readonly id: string; readonly code: string; readonly notBefore: number };
}

/** Whose devices a type has, which decides the image that drives them. */
export type Accelerator = "nvidia" | "neuron";

export interface InstanceTypeFacts {
  readonly instanceType: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** By network interfaces, as EKS computes it. */
  readonly maxPods: number;
  /** Devices of `accelerator`; 0 without one. */
  readonly devices: number;
  readonly accelerator?: Accelerator;
  readonly architectures: readonly string[];
  readonly hibernation: boolean;
}
