/** A minimal gateway: serves simulated AWS services over HTTP by signing name, without checking signatures. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Authorize,
  CloudError,
  type CloudService,
  type ConditionContext,
} from "../../../local/aws/gateway/service.ts";
import type { Clock } from "../../../local/clock.ts";

export interface PermissionCheck {
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
}

export interface TestGateway {
  readonly url: string;
  /** SDK client configuration for this gateway; without retries. */
  readonly client: {
    readonly region: string;
    readonly endpoint: string;
    readonly maxAttempts: number;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** Every permission check, oldest first. */
  readonly permissionChecks: PermissionCheck[];
  stop(): Promise<void>;
}

interface Options {
  readonly clock: Clock;
  readonly services: readonly CloudService[];
  /** Decides which permissions to deny; none by default. */
  readonly deny?: (check: PermissionCheck) => boolean;
}

const readBody = async (incoming: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const signingName = (incoming: IncomingMessage) =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(incoming.headers.authorization ?? "")?.[1] ?? "";

/** Listens on a free port of 127.0.0.1; each request holds the clock. */
export const startTestGateway = async ({ clock, services, deny = () => false }: Options): Promise<TestGateway> => {
  const permissionChecks: PermissionCheck[] = [];
  const authorize: Authorize = (action, resources, context = {}) => {
    for (const resource of resources) {
      permissionChecks.push({ action, resource, context });
      if (deny({ action, resource, context })) {
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
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
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
    permissionChecks,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
