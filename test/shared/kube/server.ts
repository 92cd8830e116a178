/** An HTTPS server that returns the test's replies and records the requests. */
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { makeCertificate } from "../../../local/kubernetes/api-server/certificate.ts";

export interface ReceivedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
  /** The number of connections so far. */
  readonly connections: number;
}

/** `hang up` closes the connection without a response; `hang on` never responds. */
export type Reply =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | "hang up"
  | "hang on";

export interface TestServer {
  readonly endpoint: string;
  readonly ca: string;
  readonly requests: readonly ReceivedRequest[];
  /** Closes open idle connections, as a load balancer does without notice. */
  resetConnections(): void;
}

const certificate = makeCertificate(Date.now());

/** Responds with `reply`, which gets the request and its index. Stops when the test ends. */
export const startServer = async (reply: (request: ReceivedRequest, index: number) => Reply): Promise<TestServer> => {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const { key, cert } = await certificate;
  const server = createServer({ key, cert, keepAliveTimeout: 60_000 }, async (incoming, outgoing) => {
    let text = "";
    for await (const chunk of incoming) text += chunk;
    const url = new URL(incoming.url ?? "/", "https://localhost");
    const body = text === "" ? undefined : JSON.parse(text);
    const { method = "", headers } = incoming;
    const request = { method, url, headers, body, connections };
    requests.push(request);
    const response = reply(request, requests.length - 1);
    if (response === "hang on") return;
    if (response === "hang up") return incoming.socket.destroy();
    outgoing.writeHead(response.status, response.headers).end(JSON.stringify(response.body ?? {}));
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
    requests,
    resetConnections: () => {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
  };
};
