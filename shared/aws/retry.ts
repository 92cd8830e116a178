import { StandardRetryStrategy } from "@smithy/core/retry";
import { isCapacityError } from "./errors.ts";

/**
 * The SDK's standard strategy, except that capacity errors are not retried. EC2 returns them with HTTP status 500 ("Error codes for
 * the Amazon EC2 API", server errors), so the SDK would pause and retry for capacity that is not there.
 */
export const createRetryStrategy = (maxAttempts: number) => {
  const standard = new StandardRetryStrategy(maxAttempts);
  const { acquireInitialRetryToken, recordSuccess, refreshRetryTokenForRetry } = standard;
  type Refresh = typeof refreshRetryTokenForRetry;
  const refresh: Refresh = async (token, info) => {
    if (isCapacityError(info.error)) throw info.error;
    return refreshRetryTokenForRetry.call(standard, token, info);
  };
  return {
    acquireInitialRetryToken: acquireInitialRetryToken.bind(standard),
    recordSuccess: recordSuccess.bind(standard),
    refreshRetryTokenForRetry: refresh,
  };
};
