import type { Target } from "./requests/target.ts";
import { KubeFailure } from "./store.ts";

/** API server faults that tests can inject. */
export interface Faults {
  /** Closes all watches without an error event, like a restarted API server. */
  breakWatches(): void;
  /** Fails the next `times` requests with that verb and resource (`pods`, `pods/eviction`, `*`). */
  failNext(verb: string, resource: string, status: number, times?: number): void;
  /** Discards all past events, so that a resuming watch gets a 410. */
  dropWatchHistory(): void;
}

interface Failure {
  readonly verb: string;
  readonly resource: string;
  readonly status: number;
  left: number;
}

export const createRequestFaults = () => {
  const failures: Failure[] = [];
  return {
    failNext: (verb: string, resource: string, status: number, times = 1): void => {
      failures.push({ verb, resource, status, left: times });
    },
    /** Throws the next injected failure that matches this request, if any. */
    check: ({ verb, plural, subresource }: Target): void => {
      const resource = subresource ? `${plural}/${subresource}` : plural;
      const due = failures.find(
        (failure) =>
          failure.left > 0 &&
          (failure.verb === "*" || failure.verb === verb) &&
          (failure.resource === "*" || failure.resource === resource),
      );
      if (!due) return;
      due.left -= 1;
      throw new KubeFailure(
        due.status,
        REASONS[due.status] ?? "InternalError",
        `injected failure of ${verb} ${resource}`,
      );
    },
  };
};

const REASONS: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Expired",
  422: "Invalid",
  429: "TooManyRequests",
  503: "ServiceUnavailable",
  504: "Timeout",
};
