import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Clock } from "../../clock.ts";
import { createIdleConnections } from "../../idle-connections.ts";
import { MASTERS } from "./access/identity.ts";
import { type Authenticate, createTokens } from "./access/tokens.ts";
import { type Audit, createAudit } from "./audit.ts";
import { createBootstrapObjects } from "./bootstrap-objects.ts";
import { makeCertificate } from "./certificate.ts";
import { finalizeDeletedContainers } from "./controllers/finalize.ts";
import { collectGarbage } from "./controllers/garbage-collector.ts";
import { createStore, type VersionedStore } from "./create-store.ts";
import { createRequestFaults, type Faults, requestFaultControls } from "./faults/faults.ts";
import { createRegistry } from "./registry.ts";
import { handle } from "./requests/handle.ts";
import { createPages } from "./requests/pages.ts";

export interface ApiServerOptions {
  readonly clock: Clock;
  /** Authenticates tokens that this server did not issue, such as EKS tokens. */
  readonly authenticate: Authenticate;
  /** 0, the default, picks a free port. */
  readonly port?: number;
  /** Source of uids and generated names. */
  readonly random?: () => number;
  /** How long functions may leave a connection idle; for ever by default. */
  readonly idleConnectionMs?: number;
}

export interface ApiServer {
  readonly url: string;
  /** The certificate that clients must trust. */
  readonly caPem: string;
  /** Token with full access (group system:masters). */
  readonly adminToken: string;
  readonly store: VersionedStore;
  readonly audit: Audit;
  readonly faults: Faults;
  /** Issues a token for a user, for example `serviceAccountUser(namespace, name)`. */
  issueToken(user: string, groups?: readonly string[]): string;
  stop(): Promise<void>;
}

/** Long enough that no client reuses a connection while the server closes it. */
const KEEP_ALIVE_MS = 600_000;

const hasEksToken = ({ headers }: IncomingMessage) => `${headers.authorization}`.startsWith("Bearer k8s-aws-v1.");

/**
 * Returns what closes the server with all of its connections. `closeAllConnections` knows none that is still in its TLS handshake: that one
 * would stay open, and keep the server from closing.
 */
const closing = (server: Server): (() => Promise<void>) => {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
};

/** Starts a Kubernetes API server on 127.0.0.1 over HTTPS. It contains only the objects that every cluster has. */
export const startApiServer = async ({
  clock,
  authenticate,
  port = 0,
  random = Math.random,
  idleConnectionMs: idleMs = Number.POSITIVE_INFINITY,
}: ApiServerOptions): Promise<ApiServer> => {
  const store = createStore({ clock, random });
  const stops = [collectGarbage(store, clock), finalizeDeletedContainers(store, clock)];
  const registry = createRegistry(store);
  createBootstrapObjects(store);
  const tokens = createTokens(authenticate);
  const audit = createAudit();
  const faults = createRequestFaults(random);
  const watches = new Set<() => void>();
  const cluster = { clock, store, registry, pages: createPages(), random, issueToken: tokens.issue };
  const { key, cert } = await makeCertificate(Date.now());
  const isLost = createIdleConnections({ clock, idleMs, isFunction: hasEksToken });
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (!isLost(request, response)) void handle({ cluster, tokens, audit, faults, watches }, request, response);
  };
  const server = createServer({ key, cert, keepAliveTimeout: KEEP_ALIVE_MS }, listener);
  const close = closing(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const breakWatches = () => {
    for (const end of [...watches]) end();
  };
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caPem: cert,
    adminToken: tokens.issue("admin", [MASTERS]),
    store,
    audit,
    faults: { ...requestFaultControls(faults), breakWatches, dropWatchHistory: () => store.history.drop() },
    issueToken: (user, groups = []) => tokens.issue(user, groups),
    stop: async () => {
      for (const stop of stops) stop();
      breakWatches();
      await close();
    },
  };
};
