import { type Breakage, createConnectionFaults, type Latency } from "./connection.ts";
import { createFailures } from "./failures.ts";
import { createThrottle, type Throttling } from "./throttle.ts";
import { createWebhooks, type Webhook } from "./webhooks.ts";

/** API server faults that tests can inject. Each returned function ends its fault. */
export interface Faults {
  /** Closes all watches without an error event, like a restarted API server. */
  breakWatches(): void;
  /** Discards all past events, so that a resuming watch gets a 410. */
  dropWatchHistory(): void;
  /** Fails the next `times` requests with that verb and resource (`pods`, `pods/eviction`, `*`). */
  failNext(verb: string, resource: string, status: number, times?: number): void;
  /** Rejects requests like API Priority and Fairness. */
  throttle(throttling: Throttling): () => void;
  /** Delays the response, in milliseconds of the clock. */
  delay(verb: string, resource: string, latency: Latency): () => void;
  /** Breaks the connections of the next `times` requests. */
  breakNext(verb: string, resource: string, breakage: Breakage, times?: number): void;
  webhook(webhook: Webhook): () => void;
}

export type RequestFaults = ReturnType<typeof createRequestFaults>;

export const createRequestFaults = (random: () => number) => ({
  failures: createFailures(),
  throttle: createThrottle(),
  connection: createConnectionFaults(random),
  webhooks: createWebhooks(),
});

/** The request faults' controls. */
export const requestFaultControls = ({ failures, throttle, connection, webhooks }: RequestFaults) => ({
  failNext: failures.failNext,
  throttle: throttle.throttle,
  delay: connection.delay,
  breakNext: connection.breakNext,
  webhook: webhooks.webhook,
});
