import type { KubeletSettings } from "./boot-plan.ts";

/** What of a guest outlasts a stop. */
export interface Disk {
  /** cloud-init has run the instance's scripts, or was interrupted in it: it does not run them again. */
  scriptsRan: boolean;
  /** Of a kubelet that a script has set up; it starts by itself from then on. */
  settings: KubeletSettings | undefined;
  readonly images: Set<string>;
}

/** The sandbox image comes with every EKS image. */
const IMAGES_OF_AMI = ["registry.k8s.io/pause:3.10"];

export const newDisk = (): Disk => ({ scriptsRan: false, settings: undefined, images: new Set(IMAGES_OF_AMI) });
