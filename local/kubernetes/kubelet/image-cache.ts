import type { Disk } from "./disk.ts";
import type { PlannedFaults } from "./faults.ts";
import { canonicalImage } from "./image-name.ts";
import type { Timers } from "./timers.ts";

/** Pull time for an image of ordinary size from a nearby registry. */
const PULL_MS = { min: 4_000, spread: 4_000 };
const FAILED_PULL_MS = 1_000;

export interface ImageCache {
  /** Calls back at once if the image is on the disk, else when its pull ends. Concurrent callers share one pull. */
  ensureImage(image: string, done: (isPresent: boolean) => void): void;
}

export interface ImageCacheOptions {
  readonly disk: Disk;
  readonly timers: Timers;
  readonly faults: PlannedFaults;
  readonly random: () => number;
  readonly onPulled: () => void;
}

export const createImageCache = ({ disk, timers, faults, random, onPulled }: ImageCacheOptions): ImageCache => {
  const pulling = new Map<string, ((isPresent: boolean) => void)[]>();

  const finish = (image: string, isPresent: boolean): void => {
    const waiting = pulling.get(image) ?? [];
    pulling.delete(image);
    if (isPresent) {
      disk.images.add(image);
      onPulled();
    }
    for (const done of waiting) done(isPresent);
  };

  return {
    ensureImage: (reference, done) => {
      const image = canonicalImage(reference);
      const waiting = pulling.get(image);
      if (disk.images.delete(image)) {
        // Its last use moves it to the end of the order in which images are collected.
        disk.images.add(image);
        done(true);
      } else if (waiting) waiting.push(done);
      else {
        pulling.set(image, [done]);
        const fails = faults.failsPull(image);
        const pullMs = fails ? FAILED_PULL_MS : PULL_MS.min + random() * PULL_MS.spread;
        timers.after(pullMs, () => finish(image, !fails));
      }
    },
  };
};

/** Pulls the images in parallel. Calls `done` once, when all pulls have ended, with one that failed, if any. */
export const ensureImages = (cache: ImageCache, images: ReadonlySet<string>, done: (failed?: string) => void): void => {
  let missing = images.size;
  let failed: string | undefined;
  for (const image of images) {
    cache.ensureImage(image, (isPresent) => {
      missing -= 1;
      if (!isPresent) failed = image;
      if (missing === 0) done(failed);
    });
  }
  if (images.size === 0) done();
};
