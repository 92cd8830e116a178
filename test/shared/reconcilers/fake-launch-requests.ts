import type { LaunchRequest } from "../../../shared/model/launch-request.ts";
import type { LaunchRequestsTable } from "../../../shared/state/launch-requests-table.ts";

/** The request of one pool in memory; requests.test.ts tests the real table. */
export const createFakeRequests = (): LaunchRequestsTable => {
  let request: LaunchRequest | undefined;
  return {
    read: async () => request,
    write: async (_key, asked) => {
      request = asked;
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
