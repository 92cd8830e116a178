/** A simulated cluster in virtual time, without API server and EC2. Tests access the store and the machines directly. */
import { onTestFinished } from "vitest";
import { type Clock, createClock } from "../../../local/clock.ts";
import { seededRandom } from "../../../local/environment/random.ts";
import { createStore, type VersionedStore } from "../../../local/kubernetes/api-server/create-store.ts";
import { type Cluster, type ClusterOptions, startCluster } from "../../../local/kubernetes/cluster.ts";
import type { NodeObject, PodObject, Taint } from "../../../local/kubernetes/objects/objects.ts";

import { createMachineRoom, type MachineRoom } from "./machine-room.ts";

/** The user data of the original project's quick start. */
export const QUICK_START = `#!/bin/bash
/etc/eks/bootstrap.sh my-cluster \\
  --kubelet-extra-args '--register-with-taints=node.eks.amazonaws.com/not-ready=true:NoSchedule'
until curl -sf http://localhost:10248/healthz; do sleep 5; done
sleep 30
poweroff
`;

export const JOIN_ONLY = "#!/bin/bash\n/etc/eks/bootstrap.sh my-cluster\n";

export interface Stage {
  readonly clock: Clock;
  readonly store: VersionedStore;
  readonly machines: MachineRoom;
  readonly cluster: Cluster;
  now(): number;
  advance(seconds: number): Promise<void>;
  node(name: string): NodeObject | undefined;
  pod(name: string): PodObject | undefined;
  pods(prefix: string): PodObject[];
  /** The node's taints as `key:effect`. */
  taints(name: string): string[];
  changeNode(name: string, change: (node: NodeObject) => void): void;
}

/** Creates a stage for one test; the end of the test stops it. Without a network plugin by default, nothing runs that the test did not create. */
export const createStage = (options: Pick<ClusterOptions, "network" | "nodes" | "admitsNodes"> = {}): Stage => {
  const clock = createClock(Number.POSITIVE_INFINITY, Date.parse("2026-11-24T00:00:00Z"));
  const random = seededRandom(1);
  const store = createStore({ clock, random });
  const machines = createMachineRoom();
  for (const name of ["default", "kube-system"]) {
    store.create("namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  const cluster = startCluster({
    network: "none",
    ...options,
    ...{ clock, store, machines, clusterName: "my-cluster", random },
  });
  onTestFinished(() => {
    cluster.stop();
    clock.stop();
  });
  const node = (name: string) => store.get<NodeObject>("nodes", name);
  return {
    clock,
    store,
    machines,
    cluster,
    now: clock.now,
    advance: (seconds) => clock.sleep(seconds * 1000),
    node,
    pod: (name) => store.get<PodObject>("pods", name, "default"),
    pods: (prefix) => store.list<PodObject>("pods").filter(({ metadata }) => metadata.name.startsWith(prefix)),
    taints: (name) => (node(name)?.spec.taints ?? []).map(({ key, effect }: Taint) => `${key}:${effect}`),
    changeNode: (name, change) => void store.change<NodeObject>("nodes", name, undefined, change),
  };
};

export interface PodOverrides extends Partial<PodObject["spec"]> {
  readonly labels?: Record<string, string>;
  readonly requests?: Record<string, string>;
}

/** A pod that runs until it is stopped, unless its spec says otherwise. */
export const aPod = (name: string, { labels, requests, ...spec }: PodOverrides = {}): PodObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", labels },
  spec: { containers: [{ name: "main", image: "registry.k8s.io/pause:3.10", resources: { requests } }], ...spec },
  status: {},
});

/** Launches a machine that joins the cluster and waits until its node is Ready. */
export const aReadyNode = async (stage: Stage, overrides: Parameters<MachineRoom["launch"]>[0] = {}) => {
  const machine = stage.machines.launch({ userData: JOIN_ONLY, ...overrides });
  await stage.advance(22);
  return machine;
};
