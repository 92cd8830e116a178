/** The cluster that the contract's suites run on, on whichever implementation. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Taint } from "../../../local/kubernetes/objects.ts";
import type { ApiServer } from "../api-server.ts";
import type { Identity } from "../control-plane.ts";

export type Implementation = "the embedded cluster" | "the real control plane";

/** Who asks, besides the administrator. The first may do what the suites' own roles say, the second nothing. */
export const PEOPLE: readonly Identity[] = [
  { user: "reader", groups: ["readers"] },
  { user: "nobody", groups: [] },
];

/** The machines that the suites power on; each has its own kubelet. */
export type MachineName = "first" | "second";

/** What a machine's kubelet is started with at a boot. */
export interface BootSettings {
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
}

/** An API server that has started; `token` is an administrator's. */
export interface Server extends ApiServer {
  /** The bearer token of one of `PEOPLE`. */
  tokenOf(user: string): string;
  stop(): Promise<void>;
}

/** One with a scheduler, controllers and kubelets. */
export interface Cluster extends Server {
  /** From then on the server knows no longer what happened since version 1. */
  forgetFirstVersion(): Promise<void>;
  nodeNameOf(machine: MachineName): string;
  /** Boots a machine; the first time it registers a node. */
  powerOn(machine: MachineName, settings?: BootSettings): Promise<void>;
  powerOff(machine: MachineName): Promise<void>;
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
