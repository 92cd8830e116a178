import type { Agent, ClientRequest } from "node:http";
import type { Duplex } from "node:stream";

/**
 * Makes the agent end all idle connections when a request on one of them fails, and returns it. Lambda freezes a function between invocations, and
 * servers close connections meanwhile: then those are all lost, and each retry would take another one.
 */
export const dropLostConnections = <A extends Agent>(agent: A): A => {
  const reuseSocket = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (socket: Duplex, request: ClientRequest) => {
    reuseSocket(socket, request);
    request.once("error", () => {
      for (const idle of Object.values(agent.freeSockets).flat()) idle?.destroy();
    });
  };
  return agent;
};
