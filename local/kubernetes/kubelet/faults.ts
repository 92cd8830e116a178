import { canonicalImage } from "./image-name.ts";

/** Node faults that tests can inject. */
export interface ClusterFaults {
  /** The next `boots` boots hang before the kubelet starts. */
  hangBoots(boots: number): void;
  /** In the next `boots` boots, the pods of the network plugin and its agents never become Ready on the node. */
  withholdNetwork(boots: number): void;
  /** With `fails`, every pull of the image fails; without it, pulls succeed again. */
  failPulls(image: string, fails: boolean): void;
  /** Stops the kubelet until the next boot while its instance keeps running. */
  killKubelet(nodeName: string): void;
  /** The machine's clock is ahead by `skewMs`, or behind if that is negative, in the first half minute after each boot of the node; 0 ends it. */
  skew(nodeName: string, skewMs: number): void;
  /** With `isDown`, the cloud-controller-manager initializes, taints and deletes no nodes; without it, it catches up. */
  stopCloudController(isDown: boolean): void;
}

/** The faults as the kubelet simulator consumes them. */
export interface PlannedFaults {
  readonly controls: Omit<ClusterFaults, "killKubelet" | "stopCloudController">;
  consumeHang(): boolean;
  consumeWithheldNetwork(): boolean;
  failsPull(image: string): boolean;
  skewMs(nodeName: string): number;
}

const createCountdown = () => {
  let left = 0;
  return {
    set: (count: number) => {
      left = count;
    },
    consume: () => {
      if (left === 0) return false;
      left -= 1;
      return true;
    },
  };
};

export const planFaults = (): PlannedFaults => {
  const hangs = createCountdown();
  const missingNetworks = createCountdown();
  const failingImages = new Set<string>();
  const skews = new Map<string, number>();
  return {
    controls: {
      skew: (nodeName, skewMs) => void skews.set(nodeName, skewMs),
      hangBoots: hangs.set,
      withholdNetwork: missingNetworks.set,
      failPulls: (image, fails) =>
        void (fails ? failingImages.add(canonicalImage(image)) : failingImages.delete(canonicalImage(image))),
    },
    consumeHang: hangs.consume,
    consumeWithheldNetwork: missingNetworks.consume,
    skewMs: (nodeName) => skews.get(nodeName) ?? 0,
    failsPull: (image) => failingImages.has(image),
  };
};
