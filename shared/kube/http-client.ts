import { Agent, request } from "node:https";
import { type KubeClient, KubeError, type ListOptions, type PatchType } from "./client.ts";

export interface ConnectionOptions {
  /** `https://…`, without a path. */
  readonly endpoint: string;
  /** PEM, as are `cert` and `key`. */
  readonly ca: string;
  /** Asked for before each request; caches are its own affair. Undefined for a client that its certificate identifies. */
  readonly token?: () => Promise<string>;
  readonly cert?: string;
  readonly key?: string;
  readonly timeoutMs?: number;
  /** Told when no connection could be made, or the server does not know the caller (401). */
  readonly onUnusable?: () => void;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number | undefined;
}

/** No answer came. */
interface Failure {
  readonly cause: unknown;
  /** The request did not get as far as the API server's handlers. */
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
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

const CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
};

/** No connection; or one that had been idle and that the other side had closed, as happens to functions that were frozen. */
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
): Promise<Answer | Failure> =>
  new Promise((resolve) => {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = headersOf(token, call, body);
    const outgoing = request(new URL(call.path, endpoint), { agent, method: call.method, headers, timeout: timeoutMs });
    const fail = (cause: Error) => resolve({ cause, unsent: isUnsent(cause, outgoing.reusedSocket) });
    outgoing.once("timeout", () => outgoing.destroy(new Error(`the API server did not answer within ${timeoutMs} ms`)));
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

const toError = ({ status, body, retryAfterMs }: Answer, { method, path }: Call): KubeError => {
  let said: { reason?: string; message?: string } = {};
  try {
    said = JSON.parse(body);
  } catch {
    // A proxy in between may answer in HTML; the status says enough.
  }
  const message = `${method} ${path}: ${said.message ?? `HTTP ${status}`}`;
  return new KubeError(status, said.reason ?? "Unknown", message, retryAfterMs);
};

/** What may be done twice: a JSON patch may not, for it adds to lists. */
const isIdempotent = ({ method, contentType }: Call): boolean =>
  method === "PATCH" ? contentType !== CONTENT_TYPES.json : method !== "POST";

/** Whether the call was not carried out, or does no harm if it is carried out twice. */
const mayRepeat = (call: Call, outcome: Answer | Failure): boolean => {
  if ("cause" in outcome) return outcome.unsent || isIdempotent(call);
  // A budget answers an eviction with 429: that is for the caller to see.
  if (outcome.status === 429) return !call.path.endsWith("/eviction");
  return outcome.status >= 500 && isIdempotent(call);
};

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/** One connection pool a client. Calls are repeated where that is safe; a throttled one after the pause that was asked for. */
export const createKubeClient = (options: ConnectionOptions): KubeClient => {
  const { ca, cert, key, token, onUnusable } = options;
  const agent = new Agent({ ca, cert, key, keepAlive: true, maxSockets: 32 });

  const call = async (wanted: Call): Promise<Answer> => {
    for (let count = 1; ; count += 1) {
      const outcome = await send(options, agent, await token?.(), wanted);
      if (count < MAX_ATTEMPTS && mayRepeat(wanted, outcome)) {
        const asked = "cause" in outcome ? undefined : outcome.retryAfterMs;
        await pause(Math.min(asked ?? FIRST_PAUSE_MS * 2 ** (count - 1), LONGEST_PAUSE_MS));
        continue;
      }
      if ("cause" in outcome || outcome.status === 401) onUnusable?.();
      if ("cause" in outcome) throw new Error(`${wanted.method} ${wanted.path}`, { cause: outcome.cause });
      return outcome;
    }
  };

  /** Undefined for 404. */
  const json = async <T>(wanted: Call): Promise<T | undefined> => {
    const answer = await call(wanted);
    if (answer.status === 404) return undefined;
    if (answer.status >= 300) throw toError(answer, wanted);
    return JSON.parse(answer.body) as T;
  };

  const list = async <T>(
    path: string,
    { labelSelector, fieldSelector, metadataOnly }: ListOptions = {},
  ): Promise<T[]> => {
    const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
    if (labelSelector) query.set("labelSelector", labelSelector);
    if (fieldSelector) query.set("fieldSelector", fieldSelector);
    const items: T[] = [];
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await json<{ items: T[]; metadata: { continue?: string } }>({
        method: "GET",
        path: `${path}?${query}`,
        ...(metadataOnly && { accept: METADATA_ONLY }),
      });
      if (!answer) throw new KubeError(404, "NotFound", `GET ${path}: the API server does not serve this resource`);
      items.push(...answer.items);
      if (!answer.metadata.continue) return items;
      query.set("continue", answer.metadata.continue);
    }
    throw new Error(`GET ${path}: more than ${MAX_PAGES} pages`);
  };

  return {
    list,
    get: (path) => json({ method: "GET", path }),
    patch: (path, type, body) => json({ method: "PATCH", path, contentType: CONTENT_TYPES[type], body }),
    create: async <T>(path: string, body: unknown) => {
      const answer = await call({ method: "POST", path, body });
      if (answer.status >= 300) throw toError(answer, { method: "POST", path });
      return JSON.parse(answer.body) as T;
    },
    delete: async (path, options) => (await json({ method: "DELETE", path, body: options })) !== undefined,
  };
};
