/** Simulates Stratos's warmup script. test/shared/bootstrap/warmup-script.test.ts runs the script itself. */

import type { WarmUpPlan } from "./boot-plan.ts";
import type { ScriptHost } from "./script-host.ts";

const POLL_MS = 1_000;
const PULLS_AT_ONCE = 4;
const BACKOFFS_MS = [10_000, 20_000];
/** Time to read all of an image's data from the volume, limited by its throughput. */
const READ_MS = 15_000;
const READY_POLL_MS = 2_000;
const READY_POLLS = 30;

/** Pulls all images and calls back with those that failed three attempts. */
const pullAll = (
  images: readonly string[],
  { images: cache, timers, log }: ScriptHost,
  done: (failed: string[]) => void,
) => {
  const waiting = [...images];
  const failed: string[] = [];
  let running = 0;

  const pull = (image: string, attempt: number): void =>
    cache.ensureImage(image, (isPresent) => {
      const backoffMs = BACKOFFS_MS[attempt];
      log(
        isPresent
          ? `stratos-warmup: pulled ${image}`
          : `stratos-warmup: pulling ${image} failed, try ${attempt + 1} of 3`,
      );
      if (!isPresent && backoffMs !== undefined) {
        timers.after(backoffMs, () => pull(image, attempt + 1));
        return;
      }
      if (!isPresent) failed.push(image);
      running -= 1;
      next();
    });

  const next = (): void => {
    if (waiting.length === 0 && running === 0) done(failed);
    while (running < PULLS_AT_ONCE) {
      const image = waiting.shift();
      if (image === undefined) return;
      running += 1;
      pull(image, 0);
    }
  };
  next();
};

const awaitReady = (host: ScriptHost, polls: number, done: () => void): void => {
  if (host.isReady() || polls === 0) done();
  else host.timers.after(READY_POLL_MS, () => awaitReady(host, polls - 1, done));
};

export const runWarmup = (plan: WarmUpPlan, host: ScriptHost): void => {
  const { timers, log } = host;
  let isOver = false;

  const finish = (outcome: string): void => {
    if (isOver) return;
    isOver = true;
    log(`stratos-warmup: ${outcome}`);
    host.reportWarmupOutcome(outcome);
    if (plan.powersOff) host.powerOff();
  };

  timers.after(plan.limitMs, () => finish(`Failed: not warm within ${plan.limitMs / 1000} s`));
  host.awaitKubelet(POLL_MS, () =>
    pullAll([...plan.images, ...plan.optionalImages], host, (failed) => {
      const missing = failed.filter((image) => plan.images.includes(image));
      if (missing.length > 0 && plan.imagesRequired) finish(`Failed: could not pull ${missing.join(" ")}`);
      else timers.after(Math.min(READ_MS, plan.readMs), () => awaitReady(host, READY_POLLS, () => finish("Succeeded")));
    }),
  );
};
