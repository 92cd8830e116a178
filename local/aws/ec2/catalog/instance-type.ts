/** The properties of an instance type that the simulator uses. */
export interface InstanceType {
  readonly name: string;
  readonly vcpus: number;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly interfaces: number;
  readonly addressesPerInterface: number;
  readonly architecture: "x86_64" | "arm64";
  readonly burstable: boolean;
  readonly hibernation: boolean;
  /** Local NVMe storage, which is lost on a stop; 0 if there is none. */
  readonly instanceStorageGB: number;
  readonly gpu: { readonly name: string; readonly count: number; readonly memoryMiB: number } | undefined;
}
