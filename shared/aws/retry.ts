import { StandardRetryStrategy } from "@smithy/core/retry";
import { isCapacityError } from "./errors.ts";

/**
 * The SDK's standard strategy, but for a want of capacity: EC2 says that with HTTP status 500 («Error codes for the Amazon EC2
 * API», server errors), so the SDK would ask again for what is not there, and wait in between.
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
