import { createClock } from "../../../local/clock.ts";
import { startApiServer } from "../../../local/kube/start-api-server.ts";
import { type Cluster, PEOPLE } from "./cluster.ts";

/** What the embedded cluster waits for passes so much faster than it would. */
const SPEED = 50;

/** The embedded API server. */
export const startEmbedded = async (): Promise<Cluster> => {
  const clock = createClock(SPEED);
  const server = await startApiServer({ clock, authenticate: async () => undefined });
  const tokens = new Map(PEOPLE.map(({ user, groups }) => [user, server.issueToken(user, groups)]));
  return {
    endpoint: server.url,
    ca: server.caPem,
    token: server.adminToken,
    tokenOf: (user) => tokens.get(user) ?? "",
    stop: async () => {
      await server.stop();
      clock.stop();
    },
  };
};
