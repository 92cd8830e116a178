import type { KubeletSettings } from "./boot-plan.ts";
import type { ImageCache } from "./image-cache.ts";
import type { Timers } from "./timers.ts";

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
