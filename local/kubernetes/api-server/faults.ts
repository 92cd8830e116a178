import type { Target } from "./requests/target.ts";
import { KubeFailure } from "./store.ts";

/** What tests may break. */
export interface Faults {
  /** Ends all watches without a word, as a restarted API server does. */
  breakWatches(): void;
  /** Answers the next `times` requests of that verb and resource (`pods`, `pods/eviction`, `*`) with an error. */
  failNext(verb: string, resource: string, status: number, times?: number): void;
  /** Forgets the events up to now, so that a watch that resumes gets a 410. */
  dropWatchHistory(): void;
}

interface Failure {
  readonly verb: string;
  readonly resource: string;
  readonly status: number;
  left: number;
}

export const createFailures = () => {
  const failures: Failure[] = [];
  return {
    failNext: (verb: string, resource: string, status: number, times = 1): void => {
      failures.push({ verb, resource, status, left: times });
    },
    /** Throws if a failure is due for this request. */
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
