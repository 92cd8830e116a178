import { createClock } from "../../../local/clock.ts";
import { startApiServer } from "../../../local/kube/start-api-server.ts";
import { type Cluster, PEOPLE } from "./cluster.ts";

/** The embedded API server. Idle time passes at `speed`. */
export const startEmbedded = async (speed: number): Promise<Cluster> => {
  const clock = createClock(speed);
  const server = await startApiServer({ clock, authenticate: async () => undefined });
  const tokens = new Map(PEOPLE.map(({ user, groups }) => [user, server.issueToken(user, groups)]));
  return {
    endpoint: server.url,
    ca: server.caPem,
    token: server.adminToken,
    tokenOf: (user) => tokens.get(user) ?? "",
    forgetFirstVersion: async () => server.faults.dropWatchHistory(),
    stop: async () => {
      await server.stop();
      clock.stop();
    },
  };
};
