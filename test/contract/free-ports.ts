import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/** Below the ephemeral ports of Linux (from 32768) and macOS (from 49152), so that no connection takes a port before the program binds it. */
const [LOWEST, HIGHEST] = [20_000, 32_000];
/** Nearly all of these ports are free. */
const MAX_ATTEMPTS = 100;

const listen = (port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });

/** Free loopback ports. All are bound at once, so that they differ, and then released for programs to bind. */
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
