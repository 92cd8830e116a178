/** An API server, real or embedded, as contract tests see it: answers as they come, with no client of ours in between. */
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
  /** Parsed JSON, or the text of what is not JSON. */
  readonly body: unknown;
}

const TIMEOUT_MS = 30_000;

/** `contentType` matters for patches, `accept` for tables. Throws only if there is no answer. */
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
        // Node leaves it out of a DELETE, and the server then takes the body for the next request.
        ...(content === undefined ? {} : { "content-length": Buffer.byteLength(content) }),
      },
    },
    (response) => {
      text(response).then((said) => resolve({ status: response.statusCode ?? 0, body: parse(said) }), reject);
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
