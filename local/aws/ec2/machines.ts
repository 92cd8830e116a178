/** An instance as the software on it sees it: the kubelet simulators boot and power off through this interface. */

export interface Machine {
  readonly instanceId: string;
  readonly zone: string;
  readonly instanceType: string;
  /** `x86_64` or `arm64`. */
  readonly architecture: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly privateIp: string;
  /** `ip-10-0-0-12.ec2.internal`; kubelet uses it as the node name. */
  readonly privateDnsName: string;
  /** Decoded and, if compressed, decompressed. */
  readonly userData: string;
  readonly imageId: string;
  /** The ARN of the role in its instance profile; undefined without one. */
  readonly roleArn?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** 1 for the first boot. */
  readonly boot: number;
}

/** `running`: the power is on and the boot begins. `stopping` and `shutting-down`: the operating system shuts down, with the power still on. */
export interface MachineEvent {
  readonly machine: Machine;
  readonly state: "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";
}

export interface Machines {
  list(): readonly (Machine & { readonly state: MachineEvent["state"] })[];
  /** Calls the listener synchronously at each state change. Returns a function that stops listening. */
  subscribe(listener: (event: MachineEvent) => void): () => void;
  /** Shuts the instance down from inside: it stops or terminates according to its InstanceInitiatedShutdownBehavior. */
  powerOff(instanceId: string): void;
  /** Appends a line to the instance's console, for GetConsoleOutput. */
  console(instanceId: string, line: string): void;
}
