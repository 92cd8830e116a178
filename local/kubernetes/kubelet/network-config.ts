/** The configuration that the network plugin's pod writes to the disk, without which the container runtime has no network and the node is not Ready. */
import { controllerOf, isReady, type PodObject } from "../objects/objects.ts";
import type { Disk } from "./disk.ts";

/** Until the node is Ready, the kubelet looks at the runtime all the time: fastStatusUpdateOnce, kubernetes/kubernetes#112618. */
const NOTICED_MS = 150;

export interface NetworkConfigOptions {
  readonly disk: Disk;
  /** The DaemonSet of the network plugin. Without one, the image brings the configuration. */
  readonly networkPlugin: string | undefined;
  later(delayMs: number, run: () => void): void;
  /** The kubelet has noticed the configuration. */
  onWritten(): void;
}

/**
 * Returns a function to call with each pod of the node. Plugins write their configuration once their agent answers, which their readiness shows
 * (aws/amazon-vpc-cni-k8s, cmd/aws-vpc-cni), and leave it on the disk when the power goes.
 */
export const watchNetworkConfig = ({ disk, networkPlugin, later, onWritten }: NetworkConfigOptions) => {
  if (networkPlugin === undefined) disk.hasNetworkConfig = true;
  return (pod: PodObject): void => {
    if (disk.hasNetworkConfig || controllerOf(pod)?.name !== networkPlugin || !isReady(pod)) return;
    disk.hasNetworkConfig = true;
    later(NOTICED_MS, onWritten);
  };
};
