import { stringify } from "yaml";
import { createClock } from "../../../local/clock.ts";
import { seededRandom } from "../../../local/environment/random.ts";
import { startApiServer } from "../../../local/kubernetes/api-server/start-api-server.ts";
import { startCluster } from "../../../local/kubernetes/cluster.ts";
import { createMachineRoom } from "../../local/kubernetes/machine-room.ts";
import { type BootSettings, type Cluster, PEOPLE, type Server, WEBHOOK } from "./cluster.ts";
import { machineCalled } from "./machines.ts";

/** How much faster than real time idle time passes. */
const SPEED = 20;
const CLUSTER_NAME = "contract";

/** nodeadm reads it at each boot, so that a later boot can have other settings. */
const userDataFor = ({ labels = {}, taints = [] }: BootSettings): string => {
  const flags = [`--node-labels=${Object.entries(labels).map((pair) => pair.join("="))}`];
  const kubelet = { flags, config: { registerWithTaints: taints } };
  const spec = { cluster: { name: CLUSTER_NAME }, kubelet };
  return stringify({ apiVersion: "node.eks.aws/v1alpha1", kind: "NodeConfig", spec });
};

const openServer = async (speed: number) => {
  const clock = createClock(speed);
  const { url, caPem, adminToken, issueToken, store, faults, stop } = await startApiServer({
    clock,
    authenticate: async () => undefined,
  });
  const tokens = new Map(PEOPLE.map(({ user, groups }) => [user, issueToken(user, groups)]));
  const server: Server = {
    endpoint: url,
    ca: caPem,
    token: adminToken,
    tokenOf: (user) => tokens.get(user) ?? "",
    stop: async () => {
      await stop();
      clock.stop();
    },
  };
  return { clock, store, faults, server };
};

/** The simulated API server alone, in real time. */
export const startSimulatedServer = async (): Promise<Server> => (await openServer(1)).server;

/** The simulated API server with scheduler, controllers and kubelets. */
export const startSimulatedCluster = async (): Promise<Cluster> => {
  const { clock, store, faults, server } = await openServer(SPEED);
  const machines = createMachineRoom();
  const cluster = startCluster({ clock, store, machines, clusterName: CLUSTER_NAME, random: seededRandom(1) });
  return {
    ...server,
    forgetFirstVersion: async () => faults.dropWatchHistory(),
    nodeNameOf: (name) => machineCalled(name).privateDnsName,
    powerOn: async (name, settings = {}) => {
      machines.launch({ ...machineCalled(name), userData: userDataFor(settings) });
    },
    addWebhook: async (behavior) => {
      const answer = behavior === "no answer" ? { timeoutMs: 1_000 } : behavior;
      const end = faults.webhook({ name: WEBHOOK, operation: "UPDATE", resource: "configmaps", behavior: answer });
      return async () => end();
    },
    throttleEvictions: async () => {
      const end = faults.throttle({ verb: "create", resource: "pods/eviction" });
      return async () => end();
    },
    powerOff: async (name) => machines.stop(machineCalled(name).instanceId),
    stop: async () => {
      cluster.stop();
      await server.stop();
    },
  };
};
