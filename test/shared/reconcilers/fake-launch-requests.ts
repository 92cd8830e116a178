import type { LaunchRequest } from "../../../shared/model/launch-request.ts";
import type { LaunchRequestsTable } from "../../../shared/state/launch-requests-table.ts";

/** The launch request of one pool in memory. */
export const createFakeLaunchRequests = (): LaunchRequestsTable => {
  let request: LaunchRequest | undefined;
  return {
    read: async () => request,
    write: async (_key, written) => {
      request = written;
    },
    drop: async () => {
      request = undefined;
    },
    take: async (_key, id) => {
      if (request?.id !== id) return false;
      request = undefined;
      return true;
    },
  };
};
