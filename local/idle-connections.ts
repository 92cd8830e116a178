import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "./clock.ts";

export interface IdleConnectionOptions {
  readonly clock: Pick<Clock, "now">;
  /** Infinity for connections that are never closed. */
  readonly idleMs: number;
  /** Whether the client is a function, which does not notice that the server closes a connection while it is frozen. */
  readonly isFunction: (request: IncomingMessage) => boolean;
}

/**
 * Connections that a server or a load balancer closed while the function that holds them was frozen: "Attempting to reuse an idle
 * connection when invoking a function will result in a connection error" (Lambda Developer Guide, "Best practices", and the reports of
 * ECONNRESET after a thaw in Fauna's "Known issues: AWS Lambda connections"). Returns whether the request arrived on one, and then
 * closes the connection without an answer.
 */
export const createIdleConnections = ({ clock, idleMs, isFunction }: IdleConnectionOptions) => {
  const lastUsed = new WeakMap<Socket, number>();
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const { socket } = request;
    const usedAt = lastUsed.get(socket) ?? clock.now();
    if (clock.now() - usedAt > idleMs && isFunction(request)) {
      socket.destroy();
      return true;
    }
    response.once("close", () => lastUsed.set(socket, clock.now()));
    return false;
  };
};
