import type { Answer } from "../requests/context.ts";
import type { Target } from "../requests/target.ts";
import { isSelected, type RequestSelector } from "./selector.ts";

/** How the API server was told to be busy: for the next `times` requests, or until it is called off. */
export interface Throttling extends RequestSelector {
  readonly times?: number;
  /** 1 by default. API Priority and Fairness raises it while it drops many requests, up to 32. */
  readonly retryAfterSeconds?: number;
}

/**
 * The response of API Priority and Fairness to a request that it rejects: plain text, not a `Status`, so that an eviction rejected here
 * has neither the reason nor the causes of one that a disruption budget refuses. Source: kubernetes,
 * staging/src/k8s.io/apiserver/pkg/server/filters/priority-and-fairness.go.
 */
const rejection = (retryAfterSeconds: number): Answer => ({
  status: 429,
  body: "Too many requests, please try again later.\n",
  headers: {
    "retry-after": String(retryAfterSeconds),
    "x-content-type-options": "nosniff",
    "x-kubernetes-pf-flowschema-uid": "8a1b6f0e-5d1c-4c57-a1c5-0d5b1f6c2a10",
    "x-kubernetes-pf-prioritylevel-uid": "c0f3a7d4-2f64-4d53-93b5-6f2f2f1f7b21",
  },
});

export const createThrottle = () => {
  const throttlings = new Map<Throttling, number>();
  return {
    throttle: (throttling: Throttling): (() => void) => {
      throttlings.set(throttling, throttling.times ?? Number.POSITIVE_INFINITY);
      return () => void throttlings.delete(throttling);
    },
    /** The rejection of this request, if it is throttled. */
    reject: (target: Target): Answer | undefined => {
      for (const [throttling, left] of throttlings) {
        if (left === 0 || !isSelected(throttling, target)) continue;
        throttlings.set(throttling, left - 1);
        return rejection(throttling.retryAfterSeconds ?? 1);
      }
      return undefined;
    },
  };
};
