import type { ServerResponse } from "node:http";
import { valueAt } from "../json-value.ts";
import { toStatus } from "../status-errors.ts";
import { KubeFailure } from "../store.ts";
import type { Answer } from "./context.ts";

/** Sends an answer as JSON, text or bytes. Warnings become the headers that kubectl shows. */
export const send = (response: ServerResponse, { status, body, warnings = [], headers = {} }: Answer): void => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (warnings.length > 0)
    response.setHeader(
      "warning",
      warnings.map((text) => `299 - ${JSON.stringify(text)}`),
    );
  const [contentType, content] = encode(body);
  response.writeHead(status, { "content-type": contentType });
  response.end(content);
};

/** Sends the first half of an answer's body and then drops the connection. */
export const sendHalf = (response: ServerResponse, { status, body }: Answer): void => {
  const [contentType, content] = encode(body);
  response.writeHead(status, { "content-type": contentType, "content-length": Buffer.byteLength(content) });
  response.write(content.slice(0, content.length / 2), () => response.destroy());
};

const encode = (body: unknown): [contentType: string, content: string | Buffer] => {
  if (typeof body === "string") return ["text/plain; charset=utf-8", body];
  if (Buffer.isBuffer(body)) return ["application/octet-stream", body];
  return ["application/json", `${JSON.stringify(body)}\n`];
};

/** Sends a failure as a `Status`. Any error other than `KubeFailure` is a bug in this server and becomes a 500. */
export const sendFailure = (response: ServerResponse, error: unknown): number => {
  const failure =
    error instanceof KubeFailure
      ? error
      : new KubeFailure(500, "InternalError", error instanceof Error ? (error.stack ?? error.message) : String(error));
  const retryAfter = valueAt(failure.details, ["retryAfterSeconds"]);
  if (typeof retryAfter === "number") response.setHeader("retry-after", String(retryAfter));
  if (failure.code === 401) response.setHeader("www-authenticate", "Bearer");
  send(response, { status: failure.code, body: toStatus(failure) });
  return failure.code;
};
