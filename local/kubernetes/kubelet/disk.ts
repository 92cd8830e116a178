import type { KubeletSettings } from "./boot-plan.ts";

/** The machine state that survives a stop. */
export interface Disk {
  /** cloud-init has run the instance's scripts or was interrupted while doing so. It does not run them again. */
  scriptsRan: boolean;
  /** The settings of a kubelet that a script has set up. From then on it starts at every boot. */
  settings: KubeletSettings | undefined;
  /** By canonical name, the one that was unused for longest first. */
  readonly images: Set<string>;
  /** The network plugin has written its configuration. */
  hasNetworkConfig: boolean;
  /** The device manager has written a checkpoint with registered devices. */
  hasDeviceCheckpoint: boolean;
}

/** Every EKS AMI contains the sandbox image. */
const PRELOADED_IMAGES = ["registry.k8s.io/pause:3.10"];

export const newDisk = (): Disk => ({
  scriptsRan: false,
  settings: undefined,
  images: new Set(PRELOADED_IMAGES),
  hasNetworkConfig: false,
  hasDeviceCheckpoint: false,
});
