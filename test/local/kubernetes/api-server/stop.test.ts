import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createClock } from "../../../../local/clock.ts";
import { startApiServer } from "../../../../local/kubernetes/api-server/start-api-server.ts";

test("the API server stops although a client is in the middle of its TLS handshake", async () => {
  const clock = createClock(1);
  const server = await startApiServer({ clock, authenticate: async () => undefined });
  const { port } = new URL(server.url);
  const client = connect(Number(port), "127.0.0.1");
  client.on("error", () => {});
  await once(client, "connect");
  // The server accepts it in a later turn.
  for (let turn = 0; turn < 10; turn += 1) await setImmediate();
  const closed = once(client, "close");
  await server.stop();
  await closed;
  expect(client.destroyed).toBe(true);
  clock.stop();
});
