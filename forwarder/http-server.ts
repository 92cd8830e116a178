import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";

export interface HttpOptions {
  readonly host: string;
  /** 0 selects any free port. */
  readonly port: number;
}

export interface ForwarderHttp {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves `/livez`, which answers as long as the event loop runs; `/readyz` (503 with one problem per line, while there are any); and `/metrics`. An
 * outage of the API server or of EventBridge makes the forwarder not ready; a restart would not help, and would lose what it has seen.
 */
export const serveHttp = async (
  { host, port }: HttpOptions,
  problems: () => readonly string[],
  metrics: () => Registry,
): Promise<ForwarderHttp> => {
  const server = createServer(async (request, response) => {
    const text = (status: number, body: string, type = "text/plain; charset=utf-8") =>
      response.writeHead(status, { "content-type": type }).end(`${body}\n`);
    const path = request.url?.split("?")[0];
    if (path === "/metrics") {
      const registry = metrics();
      return text(200, await registry.metrics(), registry.contentType);
    }
    if (path === "/livez") return text(200, "ok");
    if (path !== "/readyz") return text(404, "not found");
    const current = problems();
    return current.length === 0 ? text(200, "ok") : text(503, current.join("\n"));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { port: boundPort } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${boundPort}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
