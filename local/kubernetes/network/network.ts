/** The network plugins that clusters have, each with what it and its operators and agents do to nodes. */
import type { KubeObject } from "../api-server/store.ts";
import { calico, runCalico } from "./calico.ts";
import { cilium, runCiliumOperator } from "./cilium.ts";
import { monitoringAgent, runMonitoringAgent } from "./monitoring-agent.ts";
import type { NetworkOptions } from "./report.ts";
import { vpcCni } from "./vpc-cni.ts";

/** `none`: a plugin that no DaemonSet runs and that reports nothing. */
export type NetworkProfile = "vpc-cni" | "vpc-cni+agent" | "cilium" | "calico" | "none";

interface Network {
  /** Created in this order. */
  readonly objects: () => readonly KubeObject[];
  readonly run?: (options: NetworkOptions) => () => void;
}

const NETWORKS: Readonly<Record<NetworkProfile, Network>> = {
  "vpc-cni": { objects: vpcCni },
  "vpc-cni+agent": { objects: () => [...vpcCni(), ...monitoringAgent()], run: runMonitoringAgent },
  cilium: { objects: cilium, run: runCiliumOperator },
  calico: { objects: calico, run: runCalico },
  none: { objects: () => [] },
};

const RESOURCES: Readonly<Record<string, string>> = { Namespace: "namespaces", DaemonSet: "daemonsets.apps" };

/** Installs the network plugin and runs what acts outside of its pods. Returns a function that stops it. */
export const startNetwork = (profile: NetworkProfile, options: NetworkOptions): (() => void) => {
  const { objects, run } = NETWORKS[profile];
  const stop = run?.(options);
  for (const object of objects()) options.store.create(RESOURCES[object.kind] ?? object.kind, object);
  return () => stop?.();
};

/** The name of the plugin's DaemonSet: the first one, since agents that report on the network come after it. */
export const networkPluginOf = (profile: NetworkProfile): string | undefined =>
  NETWORKS[profile].objects().find(({ kind }) => kind === "DaemonSet")?.metadata.name;

const DAEMON_SETS: ReadonlySet<string> = new Set(
  Object.values(NETWORKS).flatMap(({ objects }) =>
    objects().flatMap(({ kind, metadata }) => (kind === "DaemonSet" ? metadata.name : [])),
  ),
);

/** Whether the DaemonSet is that of a network plugin or of an agent that reports on networks. */
export const isNetworkDaemonSet = (name: string | undefined): boolean => name !== undefined && DAEMON_SETS.has(name);
