import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { KubeConfig } from "@kubernetes/client-node";

export interface AnObject {
  metadata: { name: string; namespace?: string; [field: string]: unknown };
  [field: string]: unknown;
}

interface Change {
  path: string;
  type: "ADDED" | "MODIFIED" | "DELETED";
  object: AnObject;
  version: number;
}

/** The part of an API server that the forwarder uses: paged lists, watches with history, and injectable failures. */
export interface ApiServer {
  readonly kubeConfig: KubeConfig;
  /** One entry per request: `list /api/v1/pods`, `watch /api/v1/nodes`. */
  readonly requests: string[];
  put(path: string, object: AnObject): void;
  remove(path: string, name: string): void;
  bookmark(): void;
  /** Disconnects all watches. */
  breakWatches(): void;
  /** Writes a truncated JSON line to all watches, as a broken proxy does. */
  garble(): void;
  /** Discards the change history: watches from older versions get 410. */
  forgetHistory(): void;
  /** Stops sending events to open watches without closing them. */
  muteWatches(): void;
  /** The next `count` requests fail with this status. */
  failNext(count: number, status: number): void;
  stop(): Promise<void>;
}

export const startApiServer = async (pageSize = 2): Promise<ApiServer> => {
  const objects = new Map<string, Map<string, AnObject>>();
  const watches = new Set<{ path: string; response: ServerResponse }>();
  const requests: string[] = [];
  let history: Change[] = [];
  let version = 1;
  let oldestVersion = 0;
  let failures = { count: 0, status: 500 };

  const keyOf = ({ metadata }: AnObject) => `${metadata.namespace ?? ""}/${metadata.name}`;
  const collection = (path: string) => objects.get(path) ?? objects.set(path, new Map()).get(path) ?? new Map();

  const write = (response: ServerResponse, type: string, object: object) =>
    response.write(`${JSON.stringify({ type, object })}\n`);

  const record = (path: string, type: Change["type"], object: AnObject) => {
    version += 1;
    object.metadata.resourceVersion = String(version);
    const change = { path, type, object: structuredClone(object), version };
    history.push(change);
    for (const watch of watches) if (watch.path === path) write(watch.response, type, change.object);
  };

  const list = (path: string, query: URLSearchParams, response: ServerResponse) => {
    const start = Number(query.get("continue") ?? 0);
    const end = start + pageSize;
    const all = [...collection(path).values()];
    const metadata = { resourceVersion: String(version), continue: end < all.length ? String(end) : undefined };
    response.end(JSON.stringify({ metadata, items: all.slice(start, end) }));
  };

  const watch = (path: string, query: URLSearchParams, response: ServerResponse) => {
    const from = Number(query.get("resourceVersion"));
    response.writeHead(200).flushHeaders();
    if (from < oldestVersion) {
      write(response, "ERROR", { kind: "Status", code: 410, message: "too old resource version" });
      return response.end();
    }
    for (const change of history) {
      if (change.path === path && change.version > from) write(response, change.type, change.object);
    }
    const entry = { path, response };
    watches.add(entry);
    response.on("close", () => watches.delete(entry));
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const verb = url.searchParams.get("watch") ? "watch" : "list";
    requests.push(`${verb} ${url.pathname}`);
    if (failures.count > 0) {
      failures.count -= 1;
      return void response.writeHead(failures.status).end('{"kind":"Status"}');
    }
    const respond = verb === "watch" ? watch : list;
    respond(url.pathname, url.searchParams, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const kubeConfig = new KubeConfig();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // client-node uses plain HTTP only if TLS verification is disabled.
  kubeConfig.loadFromClusterAndUser({ name: "test", server: url, skipTLSVerify: true }, { name: "test", token: "t" });

  return {
    kubeConfig,
    requests,
    put: (path, object) => {
      const type = collection(path).has(keyOf(object)) ? "MODIFIED" : "ADDED";
      collection(path).set(keyOf(object), object);
      record(path, type, object);
    },
    remove: (path, name) => {
      const found = [...collection(path).values()].find((object) => object.metadata.name === name);
      if (!found) throw new Error(`${path} has no object named ${name}`);
      collection(path).delete(keyOf(found));
      record(path, "DELETED", found);
    },
    bookmark: () => {
      for (const { response } of watches) {
        write(response, "BOOKMARK", { metadata: { resourceVersion: String(version) } });
      }
    },
    breakWatches: () => {
      for (const { response } of watches) response.destroy();
    },
    garble: () => {
      for (const { response } of watches) response.write('{"type":"MODIFIED","obj\n');
    },
    forgetHistory: () => {
      history = [];
      version += 1;
      oldestVersion = version;
    },
    muteWatches: () => watches.clear(),
    failNext: (count, status) => {
      failures = { count, status };
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
