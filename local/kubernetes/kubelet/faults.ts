import { normalizedImage } from "../../../shared/model/kubernetes/image-reference.ts";

/** Node faults that tests can inject. */
export interface ClusterFaults {
  /** The next `boots` boots hang before the kubelet starts. */
  hangBoots(boots: number): void;
  /** In the next `boots` boots, the node never reports a ready network. */
  withholdNetwork(boots: number): void;
  /** With `fails`, every pull of the image fails; without it, pulls succeed again. */
  failPulls(image: string, fails: boolean): void;
  /** Stops the kubelet until the next boot while its instance keeps running. */
  killKubelet(nodeName: string): void;
  /** With `isDown`, the cloud-controller-manager initializes, taints and deletes no nodes; without it, it catches up. */
  stopCloudController(isDown: boolean): void;
}

/** The faults as the kubelet simulator consumes them. */
export interface PlannedFaults {
  readonly controls: Omit<ClusterFaults, "killKubelet" | "stopCloudController">;
  consumeHang(): boolean;
  consumeWithheldNetwork(): boolean;
  failsPull(image: string): boolean;
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
  return {
    controls: {
      hangBoots: hangs.set,
      withholdNetwork: missingNetworks.set,
      failPulls: (image, fails) =>
        void (fails ? failingImages.add(normalizedImage(image)) : failingImages.delete(normalizedImage(image))),
    },
    consumeHang: hangs.consume,
    consumeWithheldNetwork: missingNetworks.consume,
    failsPull: (image) => failingImages.has(image),
  };
};
