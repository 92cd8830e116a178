/** Calls that fail on demand. */
import { CloudError } from "../gateway/service.ts";

interface CallFault {
  /** EC2's error code, e.g. `InternalError` or `InsufficientInstanceCapacity`. */
  readonly code: string;
  readonly message?: string;
  /** HTTP status, 400 by default; the SDK retries from 500 on. */
  readonly status?: number;
  /** How many calls fail; 1 by default. */
  readonly times?: number;
  /** `before`: the call does nothing. `after`: the call takes effect but the caller gets the error, like a lost response. */
  readonly when?: "before" | "after";
}

export interface FaultBook {
  failNext(action: string, fault: CallFault): void;
  /** Takes the injected error for the next call of the action, if any. */
  next(action: string, when: "before" | "after"): CloudError | undefined;
}

export const createFaultBook = (): FaultBook => {
  const injected: { action: string; fault: CallFault; left: number }[] = [];
  return {
    failNext: (action, fault) => void injected.push({ action, fault, left: fault.times ?? 1 }),
    next: (action, when) => {
      const found = injected.find((entry) => entry.action === action && (entry.fault.when ?? "before") === when);
      if (!found) return undefined;
      found.left -= 1;
      if (found.left <= 0) injected.splice(injected.indexOf(found), 1);
      const { code, message, status } = found.fault;
      return new CloudError(code, message ?? `${code}, injected by a test.`, status);
    },
  };
};
