/** A server over HTTPS that answers what the test says, and remembers what it was asked. */
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { makeCertificate } from "../../../local/kubernetes/api-server/certificate.ts";

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
  /** How many connections there have been by now. */
  readonly connections: number;
}

/** `hang up` closes the connection without a word; `hang on` never answers. */
export type Reply =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | "hang up"
  | "hang on";

export interface TestServer {
  readonly endpoint: string;
  readonly ca: string;
  readonly asked: readonly Asked[];
  /** Closes connections that are open and idle, as a load balancer does without telling the client. */
  resetConnections(): void;
}

const certificate = makeCertificate(Date.now());

/** Answers by `reply`, which is given how often it was asked before. Stops when the test ends. */
export const startServer = async (reply: (asked: Asked, before: number) => Reply): Promise<TestServer> => {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const { key, cert } = await certificate;
  const server = createServer({ key, cert, keepAliveTimeout: 60_000 }, async (incoming, outgoing) => {
    let text = "";
    for await (const chunk of incoming) text += chunk;
    const url = new URL(incoming.url ?? "/", "https://localhost");
    const body = text === "" ? undefined : JSON.parse(text);
    const { method = "", headers } = incoming;
    const question = { method, url, headers, body, connections };
    asked.push(question);
    const answer = reply(question, asked.length - 1);
    if (answer === "hang on") return;
    if (answer === "hang up") return incoming.socket.destroy();
    outgoing.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.body ?? {}));
  });
  server.on("secureConnection", (socket) => {
    connections += 1;
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  });
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: cert,
    asked,
    resetConnections: () => {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
  };
};
