import type { Target } from "../requests/target.ts";
import { KubeFailure } from "../store.ts";
import { isSelected, type RequestSelector, resourceOf } from "./selector.ts";

interface Failure extends RequestSelector {
  readonly status: number;
  left: number;
}

export const createFailures = () => {
  const failures: Failure[] = [];
  return {
    failNext: (verb: string, resource: string, status: number, times = 1): void => {
      failures.push({ verb, resource, status, left: times });
    },
    /** Throws the next injected failure that matches this request, if any. */
    check: (target: Target): void => {
      const due = failures.find((failure) => failure.left > 0 && isSelected(failure, target));
      if (!due) return;
      due.left -= 1;
      throw new KubeFailure(
        due.status,
        REASONS[due.status] ?? "InternalError",
        `injected failure of ${target.verb} ${resourceOf(target)}`,
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
