import { Agent, createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createIdleConnections } from "../../local/idle-connections.ts";

describe("a connection", () => {
  let time: number;
  let server: Server;
  let agent: Agent;
  beforeEach(async () => {
    time = 0;
    const isFunction = ({ headers }: { headers: { "user-agent"?: string } }) => headers["user-agent"] === "function";
    const isLost = createIdleConnections({ clock: { now: () => time }, idleMs: 1000, isFunction });
    server = createServer((request, response) => {
      if (!isLost(request, response)) response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    agent = new Agent({ keepAlive: true });
  });
  afterEach(async () => {
    agent.destroy();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });

  /** The status, or the error's code. */
  const request = (client: string): Promise<number | string | undefined> =>
    new Promise((resolve) => {
      const { port } = server.address() as AddressInfo;
      get({ port, agent, headers: { "user-agent": client } }, (response) => {
        response.resume().once("end", () => resolve(response.statusCode));
      }).once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    });

  const turn = () => new Promise(setImmediate);

  it("of a function is lost after it was idle for too long, and the next one works", async () => {
    expect(await request("function")).toBe(200);
    await turn();
    time = 1001;
    expect(await request("function")).toBe("ECONNRESET");
    expect(await request("function")).toBe(200);
  });

  it("stays open while it is used", async () => {
    for (time = 0; time < 5000; time += 900) {
      expect(await request("function")).toBe(200);
      await turn();
    }
  });

  it("of a client that is never frozen stays open", async () => {
    expect(await request("forwarder")).toBe(200);
    await turn();
    time = 5000;
    expect(await request("forwarder")).toBe(200);
  });
});
