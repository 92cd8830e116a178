/** The cluster that the Kubernetes contract suites run on, in any implementation. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Taint } from "../../../local/kubernetes/objects/objects.ts";
import type { ApiServer } from "../api-server.ts";
import type { Identity } from "../control-plane.ts";

export type Implementation = "the simulated cluster" | "the real control plane";

/** The kubelet of a node without a machine. */
export const KUBELET: Identity = { user: "system:node:restricted", groups: ["system:nodes"] };

/** The users besides the administrator. The first has the roles that the suites create, the second none. */
export const PEOPLE: readonly Identity[] = [
  { user: "reader", groups: ["readers"] },
  { user: "nobody", groups: [] },
  KUBELET,
];

/** The machines that the suites power on. Each has its own kubelet. */
export type MachineName = "first" | "second";

/** The kubelet settings of one boot. */
export interface BootSettings {
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
}

/** A running API server; `token` is an administrator's. */
export interface Server extends ApiServer {
  /** The bearer token of one of `PEOPLE`. */
  tokenOf(user: string): string;
  stop(): Promise<void>;
}

/** A server with a scheduler, controllers and kubelets. */
export interface Cluster extends Server {
  /** Makes the server forget the history since version 1. */
  forgetFirstVersion(): Promise<void>;
  nodeNameOf(machine: MachineName): string;
  /** Boots a machine, which registers its node at the first boot. */
  powerOn(machine: MachineName, settings?: BootSettings): Promise<void>;
  powerOff(machine: MachineName): Promise<void>;
  /** Registers an admission webhook for updates of ConfigMaps, which denies them or does not answer within a second. */
  addWebhook(behavior: WebhookBehavior): Promise<End>;
  /** Makes API Priority and Fairness reject the evictions that the user without permissions requests. */
  throttleEvictions(): Promise<End>;
}

export type WebhookBehavior = { readonly deny: string; readonly code?: number; readonly reason?: string } | "no answer";

export const WEBHOOK = "policy.example.com";

/** Ends what a call began. */
export type End = () => Promise<void>;

/** Returns the same cluster each time. */
export type Connect = () => Promise<Cluster>;

export type Suite = (implementation: Implementation, connect: Connect) => void;

const POLL_INTERVAL_MS = 50;
const MAX_WAIT_MS = 30_000;

/** Polls until `look` finds something, and returns it. Throws after half a minute. */
export const eventually = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
  const deadline = performance.now() + MAX_WAIT_MS;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(POLL_INTERVAL_MS);
  }
  throw new Error(`waited ${MAX_WAIT_MS / 1000} s for ${what}`);
};
