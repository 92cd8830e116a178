import { CloudError } from "../gateway/service.ts";

/** All Get actions together, per account and region, without the paid setting ("Parameter Store quotas", AWS General Reference). */
export const DEFAULT_PER_SECOND = 40;

/** Returns a function that throws ThrottlingException if the account made too many requests within the last second. */
export const createThroughput = (now: () => number, perSecond: number): (() => void) => {
  let tokens = perSecond;
  let at = now();
  return () => {
    tokens = Math.min(perSecond, tokens + ((now() - at) / 1000) * perSecond);
    at = now();
    if (tokens < 1) throw new CloudError("ThrottlingException", "Rate exceeded");
    tokens -= 1;
  };
};
