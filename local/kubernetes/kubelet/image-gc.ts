/** The kubelet's image garbage collection. Source: kubernetes, pkg/kubelet/images, image_gc_manager.go. */
import type { Disk } from "./disk.ts";
import type { ImageDisk } from "./node-profile.ts";

/** Defaults of imageGCHighThresholdPercent and imageGCLowThresholdPercent. */
const HIGH = 0.85;
const LOW = 0.8;
/** Pinned: containerd never lets the kubelet remove the sandbox image. */
const SANDBOX = /\/pause[:@]/;

const usageOf = ({ images }: Disk, { diskBytes, imageBytes }: ImageDisk): number =>
  [...images].reduce((sum, image) => sum + imageBytes(image), 0) / diskBytes;

export const isDiskFull = (disk: Disk, imageDisk: ImageDisk): boolean => usageOf(disk, imageDisk) >= HIGH;

/** Above the high threshold, removes the images that were unused for longest until usage is below the low one. Returns what it removed. */
export const collectImages = (disk: Disk, imageDisk: ImageDisk, inUse: ReadonlySet<string>): string[] => {
  if (!isDiskFull(disk, imageDisk)) return [];
  const removed: string[] = [];
  for (const image of [...disk.images]) {
    if (usageOf(disk, imageDisk) <= LOW) break;
    if (inUse.has(image) || SANDBOX.test(image)) continue;
    disk.images.delete(image);
    removed.push(image);
  }
  return removed;
};
