import { createKubeClient } from "../../shared/kube/http-client.ts";
import { type ApiServer, startApiServer } from "../kubernetes/api-server/start-api-server.ts";
import { startCluster } from "../kubernetes/cluster.ts";
import type { ClusterFaults } from "../kubernetes/kubelet/faults.ts";
import type { ClusterInputs, ClusterSide } from "./cluster-side.ts";
import { createObjects, readManifests } from "./manifests.ts";

/** The forwarder runs in this process instead of in pods, because nothing here pulls images; and only once, so that it needs no lease. */
const LEFT_OUT = ["Deployment", "Lease", "NetworkPolicy", "PodDisruptionBudget"];

export type ClusterEnvironment = ApiServer & ClusterSide & { readonly nodeFaults: ClusterFaults };

/** Starts the simulated API server with the simulated scheduler, controllers and kubelets. */
export const startClusterEnvironment = async (inputs: ClusterInputs): Promise<ClusterEnvironment> => {
  const {
    clock,
    clusterName,
    nodes,
    admitsNodes,
    machines,
    network,
    authenticate,
    apiServerPort: port,
    idleConnectionMs,
    random,
  } = inputs;
  const server = await startApiServer({ clock, authenticate, port, idleConnectionMs });
  const { store, url, caPem, adminToken } = server;
  const cluster = startCluster({ clock, store, machines, network, clusterName, nodes, admitsNodes, random });
  const client = createKubeClient({ endpoint: url, ca: caPem, token: async () => adminToken });
  return {
    ...server,
    nodeFaults: cluster.faults,
    install: (folder) => createObjects(client, readManifests(folder), LEFT_OUT),
    stop: async () => {
      cluster.stop();
      await server.stop();
    },
  };
};
