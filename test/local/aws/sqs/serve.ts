import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Authorize, CloudService } from "../../../../local/aws/gateway/service.ts";
import type { Clock } from "../../../../local/clock.ts";

export interface Served {
  readonly url: string;
  /** SDK client configuration for this server. */
  readonly client: { region: string; endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  stop(): Promise<void>;
}

/** Serves one service on loopback, without signatures. Every request except a long poll holds the clock. */
export const serve = async (
  clock: Clock,
  service: () => CloudService,
  authorize: Authorize = () => undefined,
): Promise<Served> => {
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", async () => {
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
      );
      const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
      const handle = () =>
        service().handle({
          method: incoming.method ?? "POST",
          path: url.pathname,
          query: url.searchParams,
          headers,
          body: Buffer.concat(chunks),
          principal: { arn: "arn:aws:iam::123456789012:user/test" },
          authorize,
        });
      const isLongPoll = headers["x-amz-target"]?.endsWith("ReceiveMessage");
      const response = await (isLongPoll ? handle() : clock.busy(handle));
      outgoing.writeHead(response.status, response.headers).end(response.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    client: { region: "us-east-1", endpoint: url, credentials: { accessKeyId: "test", secretAccessKey: "test" } },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
