import { normalizedImage } from "../../../shared/model/kubernetes/image-reference.ts";
import type { PlannedFaults } from "../faults.ts";
import type { Disk } from "./disk.ts";
import type { Timers } from "./timers.ts";

/** A pull of an image of ordinary size from a registry nearby. */
const PULL_MS = { least: 4_000, spread: 4_000 };
const FAILED_PULL_MS = 1_000;

export interface ImageCache {
  /** Calls back at once for an image that is on the disk, else when its pull ends; two who want it share one pull. */
  fetch(image: string, done: (isThere: boolean) => void): void;
}

export interface ImageCacheOptions {
  readonly disk: Disk;
  readonly timers: Timers;
  readonly faults: PlannedFaults;
  readonly random: () => number;
  readonly onPulled: () => void;
}

export const createImageCache = ({ disk, timers, faults, random, onPulled }: ImageCacheOptions): ImageCache => {
  const pulling = new Map<string, ((isThere: boolean) => void)[]>();

  const finish = (image: string, isThere: boolean): void => {
    const waiting = pulling.get(image) ?? [];
    pulling.delete(image);
    if (isThere) {
      disk.images.add(image);
      onPulled();
    }
    for (const done of waiting) done(isThere);
  };

  return {
    fetch: (reference, done) => {
      const image = normalizedImage(reference);
      const waiting = pulling.get(image);
      if (disk.images.has(image)) done(true);
      else if (waiting) waiting.push(done);
      else {
        pulling.set(image, [done]);
        const fails = faults.failsPull(image);
        const pullMs = fails ? FAILED_PULL_MS : PULL_MS.least + random() * PULL_MS.spread;
        timers.after(pullMs, () => finish(image, !fails));
      }
    },
  };
};

/** Fetches them side by side; `done` hears once, when all pulls have ended, of one that failed. */
export const fetchAll = (cache: ImageCache, images: ReadonlySet<string>, done: (failed?: string) => void): void => {
  let missing = images.size;
  let failed: string | undefined;
  for (const image of images) {
    cache.fetch(image, (isThere) => {
      missing -= 1;
      if (!isThere) failed = image;
      if (missing === 0) done(failed);
    });
  }
  if (images.size === 0) done();
};
