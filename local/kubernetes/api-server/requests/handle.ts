import type { IncomingMessage, ServerResponse } from "node:http";
import type { Identity } from "../access/identity.ts";
import { REVIEWS } from "../access/reviews.ts";
import type { Tokens } from "../access/tokens.ts";
import type { Audit } from "../audit.ts";
import { discover } from "../discovery.ts";
import type { createFailures } from "../faults.ts";
import { isObject } from "../json-value.ts";
import { openApi } from "../openapi.ts";
import { openApiV2 } from "../openapi-v2.ts";
import { unauthorized } from "../refusals.ts";
import { KubeFailure } from "../store.ts";
import { answer } from "./answer.ts";
import { authorize, authorizePath } from "./authorize.ts";
import { readBody } from "./body.ts";
import type { Answer, Cluster, ResourceRequest } from "./context.ts";
import { send, sendFailure } from "./respond.ts";
import { type Target, targetOf } from "./target.ts";
import { answerWatch } from "./watch.ts";

export interface Parts {
  readonly cluster: Cluster;
  readonly tokens: Tokens;
  readonly audit: Audit;
  readonly failures: ReturnType<typeof createFailures>;
  /** How to end each watch that is open. */
  readonly watches: Set<() => void>;
}

interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** As much as a real API server reads of a request. */
const MOST_BODY_BYTES = 3 * 1024 * 1024;
const HEALTH = new Set(["/healthz", "/readyz", "/livez"]);

/** Answers one HTTP request. Time passes at its own pace meanwhile, but not while a watch is open. */
export const handle = async (parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { clock } = parts.cluster;
  const release = clock.hold();
  const url = new URL(request.url ?? "/", "https://localhost");
  const target = targetOf(request.method ?? "GET", url.pathname, url.searchParams);
  let user = "";
  const note = (code: number) => parts.audit.note({ at: clock.now(), user, path: url.pathname, code, ...target });
  try {
    response.sendDate = false;
    response.setHeader("date", new Date(clock.now()).toUTCString());
    // As the real server has it; kubectl would otherwise keep answers whose date lies ahead of its own time.
    response.setHeader("cache-control", "no-cache, private");
    const incoming = await readIncoming(request, url);
    const identity = await parts.tokens.identify(incoming.headers.authorization);
    if (!identity) throw unauthorized();
    user = identity.user;
    const answered = respond(parts, incoming, identity, target);
    if ("status" in answered) {
      send(response, answered);
      note(answered.status);
    } else {
      note(200);
      startWatch(parts, answered, response);
    }
  } catch (error) {
    note(sendFailure(response, error));
  } finally {
    release();
  }
};

const readIncoming = async (request: IncomingMessage, url: URL): Promise<Incoming> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) {
      throw new KubeFailure(413, "RequestEntityTooLarge", `Request entity too large: limit is ${MOST_BODY_BYTES}`);
    }
    chunks.push(chunk);
  }
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
  };
};

/** The answer, or the request itself if it is a watch. */
const respond = (
  parts: Parts,
  incoming: Incoming,
  identity: Identity,
  target: Target | undefined,
): Answer | ResourceRequest => {
  const { cluster } = parts;
  const { path } = incoming;
  if (HEALTH.has(path)) return { status: 200, body: "ok" };
  const review = target?.verb === "create" ? REVIEWS[path] : undefined;
  if (review) {
    const body = readBody(incoming);
    return { status: 201, body: review(cluster.store, identity, isObject(body) ? body : {}) };
  }
  const document = discover(cluster.registry, path) ?? describeApi(cluster, incoming);
  if (document) {
    authorizePath(cluster.store, identity, "get", path);
    return { status: 200, body: document };
  }
  if (!target) {
    authorizePath(cluster.store, identity, incoming.method.toLowerCase(), path);
    return NO_SUCH_PATH;
  }
  authorize(cluster.store, identity, target, incoming.query);
  parts.failures.check(target);
  const request = resourceRequest(parts, incoming, identity, target);
  if (!request) return NO_SUCH_PATH;
  return target.verb === "watch" ? request : answer(request);
};

const describeApi = ({ registry }: Cluster, { path, headers }: Incoming): unknown => {
  if (path === "/openapi/v2") return openApiV2(headers.accept);
  return path.startsWith("/openapi/v3") ? openApi(registry, path) : undefined;
};

/** What Go's HTTP server says of a path that nothing is registered for. */
const NO_SUCH_PATH: Answer = { status: 404, body: "404 page not found\n" };

/** Undefined if nothing serves the resource, or not in a namespace. */
const resourceRequest = (
  { cluster }: Parts,
  { query, headers, body }: Incoming,
  identity: Identity,
  target: Target,
): ResourceRequest | undefined => {
  const type = cluster.registry.find(target.group, target.version, target.plural);
  if (!type || (!type.namespaced && target.namespace !== undefined)) return undefined;
  return { cluster, type, target, query, headers, body, identity };
};

const startWatch = ({ watches }: Parts, request: ResourceRequest, response: ServerResponse): void => {
  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
  const end = answerWatch(request, response);
  watches.add(end);
  response.on("close", () => watches.delete(end));
};
