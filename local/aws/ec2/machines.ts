/** What an instance is to the software that runs on it: the embedded cluster's guests boot and power off by this. */

export interface Machine {
  readonly instanceId: string;
  readonly zone: string;
  readonly instanceType: string;
  /** `x86_64` or `arm64`. */
  readonly architecture: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly privateIp: string;
  /** `ip-10-0-0-12.ec2.internal`; what kubelet takes as node name. */
  readonly privateDnsName: string;
  /** Decoded and, if it came so, decompressed. */
  readonly userData: string;
  readonly imageId: string;
  readonly tags: Readonly<Record<string, string>>;
  /** 1 for the first boot. */
  readonly boot: number;
}

/** `running`: power is on, the guest starts to boot. `stopping` and `shutting-down`: power goes. */
export interface MachineEvent {
  readonly machine: Machine;
  readonly state: "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";
}

export interface Machines {
  list(): readonly (Machine & { readonly state: MachineEvent["state"] })[];
  /** Called synchronously at each state change. Returns how to stop listening. */
  subscribe(listener: (event: MachineEvent) => void): () => void;
  /** The guest powers itself off: the instance stops, or terminates, by its InstanceInitiatedShutdownBehavior. */
  powerOff(instanceId: string): void;
  /** A line of the instance's console, for GetConsoleOutput. */
  console(instanceId: string, line: string): void;
}
