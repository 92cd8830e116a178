import type { ClientRequest } from "node:http";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import type { ApiServer } from "../api-server.ts";
import type { Body } from "./calls.ts";
import { eventually } from "./cluster.ts";

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: Body;
}

export interface Watch {
  /** The first `count` events, once they have arrived; bookmarks count too. */
  first(count: number): Promise<WatchEvent[]>;
  /** All events, once the server has ended the watch. */
  all(): Promise<WatchEvent[]>;
  close(): void;
}

/** Opens a watch; resolves when the server has accepted it. */
export const openWatch = async (server: ApiServer, path: string): Promise<Watch> => {
  const events: WatchEvent[] = [];
  const { promise: opened, resolve, reject } = Promise.withResolvers<void>();
  let hasEnded = false;
  const sent: ClientRequest = request(
    new URL(path, server.endpoint),
    { ca: server.ca, agent: false, headers: { authorization: `Bearer ${server.token}`, accept: "application/json" } },
    (response) => {
      if (response.statusCode !== 200) {
        text(response).then(
          (reason) => reject(new Error(`watching ${path}: ${response.statusCode} ${reason}`)),
          reject,
        );
        return;
      }
      resolve();
      let rest = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        events.push(...lines.filter((line) => line !== "").map((line): WatchEvent => JSON.parse(line)));
      });
      response.once("close", () => {
        hasEnded = true;
      });
    },
  );
  // After the watch was accepted an error is ignored; `close` causes one.
  sent.on("error", reject);
  sent.end();
  await opened;
  const enough = (count: number) => (events.length >= count ? events.slice(0, count) : undefined);
  return {
    first: (count) => eventually(`${count} events of ${path}`, async () => enough(count)),
    all: () => eventually(`the end of ${path}`, async () => (hasEnded ? events : undefined)),
    close: () => sent.destroy(),
  };
};
