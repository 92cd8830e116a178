/** The smallest front door: services of the embedded cloud over HTTP, by signing name, without checking signatures. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Authorize,
  CloudError,
  type CloudService,
  type ConditionContext,
} from "../../../local/aws/gateway/service.ts";
import type { Clock } from "../../../local/clock.ts";

export interface Asked {
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
}

export interface TestFront {
  readonly url: string;
  /** What SDK clients need to reach it; a failed call is not tried again. */
  readonly client: {
    readonly region: string;
    readonly endpoint: string;
    readonly maxAttempts: number;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** Every permission that was asked for, oldest first. */
  readonly asked: Asked[];
  stop(): Promise<void>;
}

interface Options {
  readonly clock: Clock;
  readonly services: readonly CloudService[];
  /** Says which permissions are refused; none if absent. */
  readonly refuse?: (asked: Asked) => boolean;
}

const readBody = async (incoming: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const signingName = (incoming: IncomingMessage) =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(incoming.headers.authorization ?? "")?.[1] ?? "";

/** Listens on a free port of 127.0.0.1; each request holds the clock. */
export const startTestFront = async ({ clock, services, refuse = () => false }: Options): Promise<TestFront> => {
  const asked: Asked[] = [];
  const authorize: Authorize = (action, resources, context = {}) => {
    for (const resource of resources) {
      asked.push({ action, resource, context });
      if (refuse({ action, resource, context })) {
        throw new CloudError("AccessDenied", `User: test is not authorized to perform: ${action}`, 403);
      }
    }
  };
  const handle = async (incoming: IncomingMessage) => {
    const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
    const service = services.find((candidate) => candidate.signingName === signingName(incoming));
    if (!service) throw new Error(`no service ${signingName(incoming)}`);
    return service.handle({
      method: incoming.method ?? "POST",
      path: url.pathname,
      query: url.searchParams,
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
      body: await readBody(incoming),
      principal: { arn: "arn:aws:iam::123456789012:user/test" },
      authorize,
    });
  };
  const server = createServer((incoming, outgoing) => {
    clock
      .busy(() => handle(incoming))
      .then(({ status, headers, body }) => outgoing.writeHead(status, headers).end(body))
      .catch((error: unknown) => outgoing.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return {
    url,
    client: { region: "us-east-1", endpoint: url, maxAttempts: 1, credentials },
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
