/** The simulated cloud's single HTTP endpoint for all AWS services: checks signatures, then dispatches by signing name. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../../clock.ts";
import { createIdleConnections } from "../../idle-connections.ts";
import { authenticate } from "./authenticate.ts";
import type { Credentials } from "./credentials.ts";
import { renderError } from "./render-error.ts";
import {
  ACCOUNT,
  CloudError,
  type CloudResponse,
  type CloudService,
  type Place,
  type RequestAuthorizer,
} from "./service.ts";
import { readClaim, type SignatureClaim, type SignedRequest } from "./sigv4.ts";

/** DynamoDB's limit, the largest of the services here. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Long enough that a client does not send a request on a connection that the gateway is closing. */
const KEEP_ALIVE_MS = 600_000;

export interface GatewayOptions {
  readonly clock: Clock;
  readonly services: readonly CloudService[];
  readonly credentials: Credentials;
  readonly authorizer: RequestAuthorizer;
  /** Other accounts and regions. A service that is not there is that of `services`. */
  readonly elsewhere?: readonly GatewayPlace[];
  /** Receives unexpected errors, which are bugs in the simulator. */
  readonly onCrash?: (error: unknown) => void;
  /** How long functions may leave a connection idle; for ever by default. */
  readonly idleConnectionMs?: number;
}

export interface GatewayPlace extends Place {
  readonly services: readonly CloudService[];
  /** Of the place's account. */
  readonly authorizer: RequestAuthorizer;
}

export interface Gateway {
  /** The value for `AWS_ENDPOINT_URL`. */
  readonly url: string;
  stop(): Promise<void>;
}

const readBody = async (incoming: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new CloudError("RequestEntityTooLarge", "Request is too large", 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const flattenHeaders = (incoming: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(",") : `${value}`,
    ]),
  );

/** A long poll only waits: holding the clock would stop the time that it waits for. */
const isLongPoll = (incoming: IncomingMessage) => incoming.headers["x-amz-target"] === "AmazonSQS.ReceiveMessage";

/** The SDKs name Lambda's AWS_EXECUTION_ENV. */
const isSentByFunction = ({ headers }: IncomingMessage) => `${headers["user-agent"]}`.includes("AWS_Lambda");

/** `sqs:SendMessage` if the protocol names the action; otherwise the method and path. */
const callName = ({ headers, body, method, url }: SignedRequest, signingName: string): string => {
  const target = headers["x-amz-target"]?.split(".").at(-1);
  const form = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ? body.toString() : "";
  return `${signingName}:${target ?? new URLSearchParams(form).get("Action") ?? `${method} ${url}`}`;
};

/** Listens on a free port of 127.0.0.1. */
export const startGateway = async ({
  clock,
  services,
  credentials,
  authorizer,
  elsewhere = [],
  onCrash,
  idleConnectionMs: idleMs = Number.POSITIVE_INFINITY,
}: GatewayOptions): Promise<Gateway> => {
  const isLost = createIdleConnections({ clock, idleMs, isFunction: isSentByFunction });
  /** Requests go to the service of their region and of the caller's account; but for IAM, which is global, and event buses, which have policies. */
  const findService = (account: string, { region, signingName }: SignatureClaim): CloudService | undefined => {
    const inRegion = elsewhere.filter((place) => place.region === region || signingName === "iam");
    const place =
      inRegion.find((one) => one.account === account) ?? (signingName === "events" ? inRegion[0] : undefined);
    return [...(place?.services ?? []), ...services].find((service) => service.signingName === signingName);
  };
  const authorizerOf = (account: string) =>
    elsewhere.find((place) => place.account === account)?.authorizer ?? authorizer;

  /** Returns undefined if the caller's session ended meanwhile: there is no caller left to answer. */
  const respond = async (signed: SignedRequest): Promise<CloudResponse | undefined> => {
    const { key, claim } = authenticate(signed, credentials, clock.now());
    credentials.called({ key, name: callName(signed, claim.signingName) });
    const { account = ACCOUNT } = key.principal;
    const service = findService(account, claim);
    if (!service)
      throw new CloudError("UnknownService", `The simulated cloud has no service ${claim.signingName}`, 404);
    const url = new URL(signed.url, "http://localhost");
    const response = await service.handle({
      method: signed.method,
      path: url.pathname,
      query: url.searchParams,
      headers: signed.headers,
      body: signed.body,
      principal: key.principal,
      authorize: authorizerOf(account).for(key.principal, claim.region),
    });
    return credentials.find(key.keyId) ? response : undefined;
  };

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const headers = flattenHeaders(incoming);
    const requestId = randomUUID();
    const signed = { method: incoming.method ?? "GET", url: incoming.url ?? "/", headers, body: Buffer.alloc(0) };
    const response = await readBody(incoming)
      .then((body) => respond({ ...signed, body }))
      .catch((error: unknown) => {
        if (!(error instanceof CloudError)) onCrash?.(error);
        return renderError({ headers, requestId, signingName: readClaim(signed)?.signingName }, error);
      });
    if (!response) {
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(response.status, {
      "x-amzn-requestid": requestId,
      ...response.headers,
      date: new Date(clock.now()).toUTCString(),
      "content-length": Buffer.byteLength(response.body),
    });
    outgoing.end(response.body);
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    if (isLost(incoming, outgoing)) return;
    const release = isLongPoll(incoming) ? () => {} : clock.hold();
    outgoing.once("close", release);
    handle(incoming, outgoing).catch((error: unknown) => {
      onCrash?.(error);
      outgoing.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
