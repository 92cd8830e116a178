import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/** Below what Linux (32768 on) and macOS (49152 on) give away themselves, so that no connection takes a port between us and the program. */
const [LOWEST, HIGHEST] = [20_000, 32_000];
/** Nearly all of them are free. */
const MAX_ATTEMPTS = 100;

const listen = (port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });

/** Free loopback ports, held all at once, so that they differ, and then let go for programs to take. */
export const freePorts = async (count: number): Promise<number[]> => {
  const held = new Map<number, Server>();
  for (let attempt = 0; held.size < count; attempt += 1) {
    if (attempt === MAX_ATTEMPTS + count) throw new Error(`no ${count} free ports from ${LOWEST} to ${HIGHEST}`);
    const port = randomInt(LOWEST, HIGHEST);
    const server = await listen(port);
    if (server) held.set(port, server);
  }
  await Promise.all([...held.values()].map((server) => new Promise((resolve) => server.close(resolve))));
  return [...held.keys()];
};
