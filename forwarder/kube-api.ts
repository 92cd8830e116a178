import http, { type IncomingMessage } from "node:http";
import https, { type RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import type { ForwarderClock } from "./clock.ts";
import { readLines, readText } from "./read-body.ts";
import { createWatchdog, type Watchdog } from "./watchdog.ts";

/** An error of the API server; `status` is the HTTP status or the code of a `Status` object in a watch. */
export class KubeApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = "KubeApiError";
    this.status = status;
  }
}

interface KubeListPage<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[];
}

export interface KubeWatchEvent<T> {
  readonly type: string;
  readonly object: T;
}

type Query = Readonly<Record<string, string>>;

/**
 * Lists and watches. client-node's `Watch` is not used, because it silently drops lines that it cannot parse, so events get lost, and
 * because it depends on the system clock. Its `KubeConfig` is used, because it supports every kind of credentials and rereads the rotated
 * service account token every minute.
 */
export interface KubeApi {
  list<T>(path: string, query: Query, signal: AbortSignal): Promise<KubeListPage<T>>;
  /**
   * Resolves when the server closes the watch, rejects when it breaks. Without any data or bookmark for `SILENCE_MS`, the connection
   * counts as broken.
   */
  watch<T>(path: string, query: Query, listener: WatchListener<T>, signal: AbortSignal): Promise<void>;
}

/** Reads or replaces one object. */
export interface KubeRequests {
  send<T>(request: KubeRequest, signal: AbortSignal): Promise<T>;
}

interface KubeRequest {
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly body?: unknown;
}

interface WatchListener<T> {
  onOpen(): void;
  onEvent(event: KubeWatchEvent<T>): void;
}

/** The API server sends a bookmark about once a minute. */
const SILENCE_MS = 75_000;
const LIST_SILENCE_MS = 30_000;

export const createKubeApi = (kubeConfig: KubeConfig, clock: ForwarderClock): KubeApi & KubeRequests => {
  const open = async (request: KubeRequest, query: Query, signal: AbortSignal): Promise<IncomingMessage> => {
    const { method, path } = request;
    const server = kubeConfig.getCurrentCluster()?.server;
    if (!server) throw new Error("the kubeconfig has no cluster for the current context");
    const options: RequestOptions = { headers: {} };
    await kubeConfig.applyToHTTPSOptions(options);
    const response = await send(new URL(`${server}${path}?${new URLSearchParams(query)}`), options, request, signal);
    if (response.statusCode === 200) return response;
    const body = await readText(response);
    throw new KubeApiError(response.statusCode ?? 0, `${method} ${path}: ${response.statusCode} ${body.slice(0, 300)}`);
  };

  const withWatchdog = async <T>(
    limitMs: number,
    signal: AbortSignal,
    work: (call: WatchedCall) => Promise<T>,
  ): Promise<T> => {
    const silence = new AbortController();
    const watchdog = createWatchdog(clock, limitMs, () => silence.abort(new Error(`no data for ${limitMs} ms`)));
    try {
      return await work({ watchdog, signal: AbortSignal.any([signal, silence.signal]) });
    } finally {
      watchdog.stop();
    }
  };

  return {
    list: (path, query, signal) =>
      withWatchdog(LIST_SILENCE_MS, signal, async (call) => {
        const response = await open({ method: "GET", path }, query, call.signal);
        return JSON.parse(await readText(response, call.watchdog.heartbeat));
      }),
    watch: (path, query, listener, signal) =>
      withWatchdog(SILENCE_MS, signal, async (call) => {
        const response = await open({ method: "GET", path }, { ...query, ...WATCH }, call.signal);
        call.watchdog.heartbeat();
        listener.onOpen();
        await readLines(response, (line) => listener.onEvent(JSON.parse(line)), call.watchdog.heartbeat);
      }),
    send: async (request, signal) => JSON.parse(await readText(await open(request, {}, signal))),
  };
};

interface WatchedCall {
  readonly watchdog: Watchdog;
  readonly signal: AbortSignal;
}

const WATCH = { watch: "1", allowWatchBookmarks: "true" };

const TCP_KEEP_ALIVE_MS = 30_000;

const send = (
  url: URL,
  options: RequestOptions,
  { method, body }: KubeRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const json = "application/json";
    const content = body === undefined ? undefined : JSON.stringify(body);
    const own = { accept: json, "user-agent": "stratos-forwarder", ...(content && { "content-type": json }) };
    const headers = { ...options.headers, ...own };
    const { request } = url.protocol === "http:" ? http : https;
    request(url, { ...options, method, headers, signal }, resolve)
      .on("socket", (socket) => socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS))
      .on("error", (error) => reject(signal.aborted ? signal.reason : error))
      .end(content);
  });
