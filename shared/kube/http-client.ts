import { Agent, request } from "node:https";
import { dropLostConnections } from "../connections/drop-lost-connections.ts";
import { DISRUPTION_BUDGET, type KubeClient, KubeError, type ListOptions, type PatchType } from "./client.ts";

export interface ConnectionOptions {
  /** `https://…`, without a path. */
  readonly endpoint: string;
  /** In PEM format, like `cert` and `key`. */
  readonly ca: string;
  /** Called before each request and responsible for its own caching. Undefined for a client with a certificate. */
  readonly token?: () => Promise<string>;
  readonly cert?: string;
  readonly key?: string;
  readonly timeoutMs?: number;
  /** Called when the connection fails or the server rejects the credentials (401). */
  readonly onUnusable?: () => void;
}

interface Response {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number | undefined;
}

/** No response. */
interface Failure {
  readonly cause: unknown;
  /** The request did not reach the API server's handlers. */
  readonly unsent: boolean;
}

interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: unknown;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const PAGE_SIZE = 500;
/** 500 000 objects: more than a cluster can hold. */
const MAX_PAGES = 1000;
const MAX_ATTEMPTS = 3;
const BASE_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;

const CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
};

/** Either no connection, or the server had closed an idle one, which happens while Lambda freezes a function. */
const isUnsent = (error: NodeJS.ErrnoException, onReusedSocket: boolean): boolean =>
  onReusedSocket ? error.code === "ECONNRESET" || error.code === "EPIPE" : error.syscall === "connect";

/** Source: "Kubernetes API Concepts", metadata-only fetches. */
const METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

const headersOf = (token: string | undefined, { accept, contentType }: Call, body: string | undefined) => ({
  accept: accept ?? "application/json",
  ...(token !== undefined && { authorization: `Bearer ${token}` }),
  ...(body !== undefined && {
    "content-type": contentType ?? "application/json",
    "content-length": Buffer.byteLength(body),
  }),
});

const send = (
  { endpoint, timeoutMs = DEFAULT_TIMEOUT_MS }: ConnectionOptions,
  agent: Agent,
  token: string | undefined,
  call: Call,
): Promise<Response | Failure> =>
  new Promise((resolve) => {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = headersOf(token, call, body);
    const outgoing = request(new URL(call.path, endpoint), { agent, method: call.method, headers, timeout: timeoutMs });
    const fail = (cause: Error) => resolve({ cause, unsent: isUnsent(cause, outgoing.reusedSocket) });
    outgoing.once("timeout", () =>
      outgoing.destroy(new Error(`no response from the API server within ${timeoutMs} ms`)),
    );
    outgoing.on("error", fail);
    outgoing.once("response", (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.once("error", fail);
      incoming.once("end", () => {
        const seconds = Number(incoming.headers["retry-after"]);
        resolve({
          status: incoming.statusCode ?? 0,
          body: Buffer.concat(chunks).toString("utf8"),
          retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
        });
      });
    });
    outgoing.end(body);
  });

/** The fields of meta/v1 Status that are read. */
interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly name?: string; readonly causes?: readonly { readonly reason?: string }[] };
}

const statusOf = ({ body }: Response): Status => {
  try {
    return JSON.parse(body);
  } catch {
    // A proxy may return HTML, and an unknown path gets plain text; the status code is enough.
    return {};
  }
};

const causesOf = ({ details }: Status): string[] => (details?.causes ?? []).flatMap(({ reason }) => reason ?? []);

const toError = (response: Response, { method, path }: Call): KubeError => {
  const found = statusOf(response);
  const message = `${method} ${path}: ${found.message ?? `HTTP ${response.status}`}`;
  return new KubeError(response.status, found.reason ?? "Unknown", message, causesOf(found));
};

const notServed = ({ method, path }: Call): KubeError =>
  new KubeError(404, "NotFound", `${method} ${path}: the API server does not serve this resource`);

/** Of a 404: whether it is the object that is missing. For a resource that is not served, such as a CRD's that is gone, no object is named. */
const isObjectMissing = (response: Response): boolean => statusOf(response).details?.name !== undefined;

/** A JSON patch is not idempotent, because it can append to lists. */
const isIdempotent = ({ method, contentType }: Call): boolean =>
  method === "PATCH" ? contentType !== CONTENT_TYPES.json : method !== "POST";

/** Whether the call was not executed, or is safe to execute twice. */
const mayRetry = (call: Call, outcome: Response | Failure): boolean => {
  if ("cause" in outcome) return outcome.unsent || isIdempotent(call);
  // Throttled requests are not executed. An eviction that a PodDisruptionBudget blocks gets a 429, too: the caller must see that.
  if (outcome.status === 429) return !causesOf(statusOf(outcome)).includes(DISRUPTION_BUDGET);
  return outcome.status >= 500 && isIdempotent(call);
};

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/** Each client has its own connection pool. Calls are retried where that is safe; a throttled call after the server's Retry-After. */
export const createKubeClient = (options: ConnectionOptions): KubeClient => {
  const { ca, cert, key, token, onUnusable } = options;
  const agent = dropLostConnections(new Agent({ ca, cert, key, keepAlive: true, maxSockets: 32 }));

  const sendWithRetries = async (call: Call): Promise<Response> => {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await send(options, agent, await token?.(), call);
      if (attempt < MAX_ATTEMPTS && mayRetry(call, outcome)) {
        const retryAfterMs = "cause" in outcome ? undefined : outcome.retryAfterMs;
        await pause(Math.min(retryAfterMs ?? BASE_PAUSE_MS * 2 ** (attempt - 1), MAX_PAUSE_MS));
        continue;
      }
      if ("cause" in outcome || outcome.status === 401) onUnusable?.();
      if ("cause" in outcome) throw new Error(`${call.method} ${call.path}`, { cause: outcome.cause });
      return outcome;
    }
  };

  /** Undefined if the object does not exist. */
  const json = async <T>(call: Call): Promise<T | undefined> => {
    const response = await sendWithRetries(call);
    if (response.status === 404 && isObjectMissing(response)) return undefined;
    if (response.status === 404) throw notServed(call);
    if (response.status >= 300) throw toError(response, call);
    return JSON.parse(response.body) as T;
  };

  const list = async <T, P = T>(
    path: string,
    { labelSelector, fieldSelector, metadataOnly }: ListOptions = {},
    project: (item: T) => P | undefined = (item) => item as unknown as P,
  ): Promise<P[]> => {
    const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
    if (labelSelector) query.set("labelSelector", labelSelector);
    if (fieldSelector) query.set("fieldSelector", fieldSelector);
    const items: P[] = [];
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const page = await json<{ items: T[]; metadata: { continue?: string } }>({
        method: "GET",
        path: `${path}?${query}`,
        ...(metadataOnly && { accept: METADATA_ONLY }),
      });
      if (!page) throw notServed({ method: "GET", path });
      items.push(...page.items.map(project).filter((item) => item !== undefined));
      if (!page.metadata.continue) return items;
      query.set("continue", page.metadata.continue);
    }
    throw new Error(`GET ${path}: more than ${MAX_PAGES} pages`);
  };

  return {
    list,
    get: (path) => json({ method: "GET", path }),
    patch: (path, type, body) => json({ method: "PATCH", path, contentType: CONTENT_TYPES[type], body }),
    create: async <T>(path: string, body: unknown) => {
      const response = await sendWithRetries({ method: "POST", path, body });
      if (response.status >= 300) throw toError(response, { method: "POST", path });
      return JSON.parse(response.body) as T;
    },
    delete: async (path, options) => (await json({ method: "DELETE", path, body: options })) !== undefined,
  };
};
