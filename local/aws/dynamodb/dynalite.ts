/** Runs dynalite (npm), which implements DynamoDB's protocol, in this process without its own port. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import dynalite from "dynalite";
import type { CloudResponse } from "../gateway/service.ts";

export interface Dynalite {
  send(request: { headers: Readonly<Record<string, string>>; body: Buffer | string }): Promise<CloudResponse>;
  stop(): Promise<void>;
}

export const startDynalite = (): Dynalite => {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  return {
    send: ({ headers, body }) =>
      new Promise((resolve) => {
        const incoming = Object.assign(Readable.from([Buffer.from(body)]), { method: "POST", url: "/", headers });
        const responseHeaders: Record<string, string> = {};
        const outgoing = {
          statusCode: 200,
          setHeader: (name: string, value: unknown) => {
            responseHeaders[name.toLowerCase()] = String(value);
          },
          end: (text = "") => resolve({ status: outgoing.statusCode, headers: responseHeaders, body: text }),
        };
        server.emit("request", incoming as unknown as IncomingMessage, outgoing as unknown as ServerResponse);
      }),
    // The server never listened, so `close` reports an error, but only after it has closed the store.
    stop: () => new Promise((resolve) => void server.close(() => resolve())),
  };
};
