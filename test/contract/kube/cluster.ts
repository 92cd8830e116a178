/** The cluster that the contract's suites run on, on whichever implementation. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiServer } from "../api-server.ts";
import type { Identity } from "../control-plane.ts";

export type Implementation = "the embedded cluster" | "the real control plane";

/** Who asks, besides the administrator. The first may do what the suites' own roles say, the second nothing. */
export const PEOPLE: readonly Identity[] = [
  { user: "reader", groups: ["readers"] },
  { user: "nobody", groups: [] },
];

/** `token` is an administrator's. */
export interface Cluster extends ApiServer {
  /** The bearer token of one of `PEOPLE`. */
  tokenOf(user: string): string;
  /** From then on the server knows no longer what happened since version 1. */
  forgetFirstVersion(): Promise<void>;
  stop(): Promise<void>;
}

/** The same cluster each time. */
export type Connect = () => Promise<Cluster>;

export type Suite = (implementation: Implementation, connect: Connect) => void;

const LOOK_EVERY_MS = 50;
const LONGEST_MS = 30_000;

/** What `look` finds once it finds something. Throws after half a minute. */
export const eventually = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
  const deadline = performance.now() + LONGEST_MS;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`${what}: not within ${LONGEST_MS / 1000} s`);
};
