import type { KubeletSettings } from "./boot-plan.ts";
import type { ImageCache } from "./image-cache.ts";
import type { Timers } from "./timers.ts";

/** The machine as a user data script can act on it. */
export interface ScriptHost {
  readonly timers: Timers;
  readonly images: ImageCache;
  join(settings: KubeletSettings): void;
  /** Polls every `pollMs` and calls back once the kubelet is healthy; never calls back if it never is. */
  awaitKubelet(pollMs: number, healthy: () => void): void;
  powerOff(): void;
  /** Writes a line to the instance's console output. */
  log(line: string): void;
  /** Whether the node object is Ready. */
  isReady(): boolean;
  /** Writes the warmup outcome to the node object, if there is one. */
  reportWarmupOutcome(outcome: string): void;
}
