import { request } from "node:https";
import { onTestFinished } from "vitest";
import { createClock, type VirtualClock } from "../../../../local/clock.ts";
import type { JsonObject } from "../../../../local/kubernetes/api-server/json-value.ts";
import { type ApiServer, startApiServer } from "../../../../local/kubernetes/api-server/start-api-server.ts";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests read arbitrary responses.
  readonly body: any;
}

export interface CallOptions {
  readonly type?: string;
  readonly accept?: string;
  readonly token?: string;
}

export interface Api extends ApiServer {
  readonly clock: VirtualClock;
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Reply>;
  /** Collects the first `count` events of a watch, or all events if the watch ends earlier. */
  watch(path: string, count: number, options?: CallOptions): Promise<JsonObject[]>;
}

export const MERGE = "application/merge-patch+json";
export const STRATEGIC = "application/strategic-merge-patch+json";
export const JSON_PATCH = "application/json-patch+json";
export const APPLY = "application/apply-patch+yaml";
export const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/** Starts an API server in virtual time and stops it when the test ends. */
export const startApi = async (): Promise<Api> => {
  const clock = createClock(Number.POSITIVE_INFINITY, Date.parse("2026-11-24T03:00:00Z"));
  const server = await startApiServer({
    clock,
    authenticate: async (token) => (token === "eks" ? { user: "function", groups: ["stratos-functions"] } : undefined),
  });
  onTestFinished(async () => {
    await server.stop();
    clock.stop();
  });
  const open = (method: string, path: string, body: unknown, { type, accept, token }: CallOptions) => {
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${token ?? server.adminToken}`,
      "content-type": type ?? "application/json",
      "user-agent": "test/1.0",
      "content-length": Buffer.byteLength(text ?? ""),
      ...(accept ? { accept } : {}),
    };
    const opened = request(`${server.url}${path}`, { method, headers, ca: server.caPem });
    opened.end(text);
    return opened;
  };
  return {
    ...server,
    clock,
    call: (method, path, body, options = {}) =>
      new Promise((resolve, reject) => {
        const sent = open(method, path, body, options);
        sent.on("error", reject);
        sent.on("response", async (response) => {
          let text = "";
          for await (const chunk of response) text += chunk;
          const isJson = response.headers["content-type"] === "application/json";
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: isJson ? JSON.parse(text) : text,
          });
        });
      }),
    watch: (path, count, options = {}) =>
      new Promise((resolve, reject) => {
        const sent = open("GET", path, undefined, options);
        sent.on("error", reject);
        sent.on("response", (response) => {
          let text = "";
          const finish = () => resolve(lines(text));
          response.on("end", finish);
          response.on("data", (chunk) => {
            text += chunk;
            if (lines(text).length < count) return;
            finish();
            sent.destroy();
          });
        });
      }),
  };
};

const lines = (text: string): JsonObject[] =>
  text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
