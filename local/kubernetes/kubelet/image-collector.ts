import type { Machine } from "../../aws/ec2/machines.ts";
import type { Clock } from "../../clock.ts";
import { isFinished } from "../objects/objects.ts";
import type { PodIndex } from "../objects/pod-index.ts";
import type { Disk } from "./disk.ts";
import { collectImages, isDiskFull } from "./image-gc.ts";
import { canonicalImage } from "./image-name.ts";
import type { ImageDisk } from "./node-profile.ts";

/** ImageGCPeriod: pkg/kubelet/kubelet.go. */
const PERIOD_MS = 5 * 60_000;

export interface ImageCollectorOptions {
  readonly clock: Clock;
  readonly pods: PodIndex;
  readonly machine: Machine;
  readonly disk: Disk;
  readonly imageDisk: ImageDisk | undefined;
  later(delayMs: number, run: () => void): void;
  onCollected(): void;
}

/** Collects images every five minutes, as long as the disk is too full. */
export const createImageCollector = (options: ImageCollectorOptions) => {
  const { clock, pods, machine, disk, imageDisk, later, onCollected } = options;
  const startedAt = clock.now();
  let isPlanned = false;

  const inUse = (): Set<string> =>
    new Set(
      pods
        .onNode(machine.privateDnsName)
        .filter((pod) => !isFinished(pod))
        .flatMap(({ spec }) => [...(spec.initContainers ?? []), ...spec.containers])
        .flatMap(({ image }) => (image === undefined ? [] : canonicalImage(image))),
    );

  const plan = (): void => {
    if (isPlanned || !imageDisk || !isDiskFull(disk, imageDisk)) return;
    isPlanned = true;
    later(PERIOD_MS - ((clock.now() - startedAt) % PERIOD_MS), () => {
      isPlanned = false;
      if (collectImages(disk, imageDisk, inUse()).length > 0) onCollected();
    });
  };

  plan();
  return { onPulled: plan };
};
