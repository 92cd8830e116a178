/** An API server, real or simulated: contract tests see its raw responses, without the project's client in between. */
import type { IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";

export interface ApiServer {
  readonly endpoint: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
}

export interface Answer {
  readonly status: number;
  /** Parsed JSON, or the text if it is not JSON. */
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

const TIMEOUT_MS = 30_000;

/** `contentType` matters for patches, `accept` for tables. Throws only if there is no response. */
export const request = async (
  server: ApiServer,
  method: string,
  path: string,
  body?: unknown,
  contentType = "application/json",
  accept = "application/json",
): Promise<Answer> => {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const content = body === undefined ? undefined : JSON.stringify(body);
  const sent = httpsRequest(
    new URL(path, server.endpoint),
    {
      method,
      ca: server.ca,
      agent: false,
      timeout: TIMEOUT_MS,
      headers: {
        authorization: `Bearer ${server.token}`,
        "content-type": contentType,
        accept,
        // Node.js omits Content-Length in a DELETE, and the server would then read the body as the next request.
        ...(content === undefined ? {} : { "content-length": Buffer.byteLength(content) }),
      },
    },
    (response) => {
      text(response).then(
        (said) => resolve({ status: response.statusCode ?? 0, body: parse(said), headers: response.headers }),
        reject,
      );
    },
  );
  sent.once("error", reject);
  sent.once("timeout", () => sent.destroy(new Error(`${method} ${path} was not answered within ${TIMEOUT_MS} ms`)));
  sent.end(content);
  return promise;
};

const parse = (content: string): unknown => {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
};
