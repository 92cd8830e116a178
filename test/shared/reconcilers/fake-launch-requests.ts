import type { LaunchRequest } from "../../../shared/model/launch-request.ts";
import type { LaunchRequestsTable } from "../../../shared/state/launch-requests-table.ts";
import type { FakeItems } from "./fake-items.ts";

/** The launch request of one pool in memory. */
export const createFakeLaunchRequests = (): LaunchRequestsTable & FakeItems => {
  let request: LaunchRequest | undefined;
  return {
    read: async () => request,
    write: async (_key, written) => {
      request = written;
    },
    take: async (_key, id) => {
      if (request?.id !== id) return false;
      request = undefined;
      return true;
    },
    size: () => Number(request !== undefined),
    clear: () => {
      request = undefined;
    },
  };
};
