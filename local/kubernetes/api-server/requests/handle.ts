import type { IncomingMessage, ServerResponse } from "node:http";
import type { Identity } from "../access/identity.ts";
import { REVIEWS } from "../access/reviews.ts";
import type { Tokens } from "../access/tokens.ts";
import type { Audit } from "../audit.ts";
import { discover } from "../discovery.ts";
import type { RequestFaults } from "../faults/faults.ts";
import { isObject } from "../json-value.ts";
import { openApi } from "../openapi.ts";
import { openApiV2 } from "../openapi-v2.ts";
import { unauthorized } from "../status-errors.ts";
import { answer } from "./answer.ts";
import { authorize, authorizePath } from "./authorize.ts";
import { readBody } from "./body.ts";
import type { Answer, Cluster, ResourceRequest } from "./context.ts";
import { type Incoming, readIncoming } from "./incoming.ts";
import { send, sendFailure, sendHalf } from "./respond.ts";
import { type Target, targetOf } from "./target.ts";
import { closed, travel, type Unheld } from "./travel.ts";
import { answerWatch } from "./watch.ts";

export interface ServerContext {
  readonly cluster: Cluster;
  readonly tokens: Tokens;
  readonly audit: Audit;
  readonly faults: RequestFaults;
  /** The close functions of all open watches. */
  readonly watches: Set<() => void>;
}

const HEALTH = new Set(["/healthz", "/readyz", "/livez"]);

/** Handles one HTTP request. Holds the clock while the request is in progress, but not while it waits or a watch is open. */
export const handle = async (
  server: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { clock } = server.cluster;
  let release = clock.hold();
  const unheld: Unheld = async (wait) => {
    release();
    await wait();
    release = clock.hold();
  };
  const url = new URL(request.url ?? "/", "https://localhost");
  const target = targetOf(request.method ?? "GET", url.pathname, url.searchParams);
  let user = "";
  const recordAudit = (code: number) =>
    server.audit.record({ at: clock.now(), user, path: url.pathname, code, ...target });
  try {
    response.sendDate = false;
    response.setHeader("date", new Date(clock.now()).toUTCString());
    // Same as the real server. Without it, kubectl would cache responses whose date is ahead of its own clock.
    response.setHeader("cache-control", "no-cache, private");
    const incoming = await readIncoming(request, url);
    const identity = await server.tokens.identify(incoming.headers.authorization);
    if (!identity) throw unauthorized();
    user = identity.user;
    const breakage = await travel(server.faults.connection, clock, target, response, unheld);
    if (breakage === "hang before") return;
    const answered = await respond(server, incoming, identity, target, unheld);
    const isAnswer = "status" in answered;
    recordAudit(isAnswer ? answered.status : 200);
    if (breakage === "hang after") await unheld(() => closed(response));
    else if (!isAnswer) startWatch(server, answered, response);
    else if (breakage === "reset") sendHalf(response, answered);
    else send(response, answered);
  } catch (error) {
    recordAudit(sendFailure(response, error));
  } finally {
    release();
  }
};

/** Returns the answer, or the request itself if it is a watch. */
const respond = async (
  server: ServerContext,
  incoming: Incoming,
  identity: Identity,
  target: Target | undefined,
  unheld: Unheld,
): Promise<Answer | ResourceRequest> => {
  const { cluster, faults } = server;
  const { path } = incoming;
  if (HEALTH.has(path)) return { status: 200, body: "ok" };
  const review = target?.verb === "create" ? REVIEWS[path] : undefined;
  if (review) {
    const body = readBody(incoming);
    return { status: 201, body: review(cluster.store, identity, isObject(body) ? body : {}) };
  }
  const document = discover(cluster.registry, path) ?? openApiDocument(cluster, incoming);
  if (document) {
    authorizePath(cluster.store, identity, "get", path);
    return { status: 200, body: document };
  }
  if (!target) {
    authorizePath(cluster.store, identity, incoming.method.toLowerCase(), path);
    return NO_SUCH_PATH;
  }
  const rejection = faults.throttle.reject(target);
  if (rejection) return rejection;
  authorize(cluster.store, identity, target, incoming.query);
  faults.failures.check(target);
  const request = resourceRequest(server, incoming, identity, target);
  if (!request) return NO_SUCH_PATH;
  await faults.webhooks.admit(request, (ms) => unheld(() => cluster.clock.sleep(ms)));
  return target.verb === "watch" ? request : answer(request);
};

const openApiDocument = ({ registry }: Cluster, { path, headers }: Incoming): unknown => {
  if (path === "/openapi/v2") return openApiV2(headers.accept);
  return path.startsWith("/openapi/v3") ? openApi(registry, path) : undefined;
};

/** The response of Go's HTTP server for a path without a handler. */
const NO_SUCH_PATH: Answer = { status: 404, body: "404 page not found\n" };

/** Undefined if the resource is not served, or is cluster-scoped and the path has a namespace. */
const resourceRequest = (
  { cluster, faults }: ServerContext,
  { query, headers, body }: Incoming,
  identity: Identity,
  target: Target,
): ResourceRequest | undefined => {
  const type = cluster.registry.find(target.group, target.version, target.plural);
  if (!type || (!type.namespaced && target.namespace !== undefined)) return undefined;
  const request: ResourceRequest = {
    ...{ cluster, type, target, query, headers, body, identity },
    mutate: (object) => faults.webhooks.mutate(request, object),
  };
  return request;
};

const startWatch = ({ watches }: ServerContext, request: ResourceRequest, response: ServerResponse): void => {
  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
  const end = answerWatch(request, response);
  watches.add(end);
  response.on("close", () => watches.delete(end));
};
