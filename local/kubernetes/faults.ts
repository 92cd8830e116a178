import { normalizedImage } from "../../shared/model/kubernetes/image-reference.ts";

/** Things that go wrong on nodes, for tests to ask for. */
export interface ClusterFaults {
  /** The next so many boots hang before kubelet starts. */
  hangBoots(boots: number): void;
  /** The next so many boots never report a ready network. */
  withholdNetwork(boots: number): void;
  /** Every pull of the image fails, or succeeds again. */
  failPulls(image: string, fails: boolean): void;
  /** Kubelet ends while its instance goes on, until the next boot. */
  killKubelet(nodeName: string): void;
}

/** What the guests ask as they come to it. */
export interface PlannedFaults {
  readonly controls: Omit<ClusterFaults, "killKubelet">;
  takeHang(): boolean;
  takeWithheldNetwork(): boolean;
  failsPull(image: string): boolean;
}

const createTickets = () => {
  let left = 0;
  return {
    issue: (count: number) => {
      left = count;
    },
    take: () => {
      if (left === 0) return false;
      left -= 1;
      return true;
    },
  };
};

export const planFaults = (): PlannedFaults => {
  const hangs = createTickets();
  const withheld = createTickets();
  const broken = new Set<string>();
  return {
    controls: {
      hangBoots: hangs.issue,
      withholdNetwork: withheld.issue,
      failPulls: (image, fails) =>
        void (fails ? broken.add(normalizedImage(image)) : broken.delete(normalizedImage(image))),
    },
    takeHang: hangs.take,
    takeWithheldNetwork: withheld.take,
    failsPull: (image) => broken.has(image),
  };
};
