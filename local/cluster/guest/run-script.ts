import type { KubeletSettings, Script, ScriptStep } from "./boot-plan.ts";
import type { ImageCache } from "./image-cache.ts";
import { runWarmup } from "./run-warmup.ts";
import type { Timers } from "./timers.ts";

/** bootstrap.sh asks for the cluster, writes kubelet's configuration and starts it. */
const BOOTSTRAP_MS = 1_000;

/** What a script can do to its machine. */
export interface ScriptHost {
  readonly timers: Timers;
  readonly images: ImageCache;
  join(settings: KubeletSettings): void;
  /** Calls back at the first look, one each `pollMs`, that finds kubelet healthy; never if none does. */
  awaitKubelet(pollMs: number, healthy: () => void): void;
  powerOff(): void;
  /** A line for the console. */
  say(line: string): void;
  /** Whether the node's own object says so. */
  isReady(): boolean;
  /** Writes the warmup's outcome to the node's object, if it has one. */
  annotate(outcome: string): void;
}

const runStep = (step: ScriptStep, host: ScriptHost, next: () => void): void => {
  const { timers, images, join, awaitKubelet, powerOff } = host;
  switch (step.kind) {
    case "bootstrap":
      timers.after(BOOTSTRAP_MS, () => {
        join(step.settings);
        next();
      });
      return;
    case "awaitKubelet":
      awaitKubelet(step.pollMs, next);
      return;
    case "sleep":
      timers.after(step.ms, next);
      return;
    case "pull":
      images.fetch(step.image, next);
      return;
    case "warmUp":
      runWarmup(step.plan, host);
      next();
      return;
    case "powerOff":
      powerOff();
  }
};

/** Runs the steps one after the other; a script that waits for something that never comes does not end. */
export const runScript = ({ steps }: Script, host: ScriptHost, ended: () => void): void => {
  const [step, ...rest] = steps;
  if (!step) ended();
  else runStep(step, host, () => runScript({ steps: rest, inBackground: false }, host, ended));
};
