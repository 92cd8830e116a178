import { DescribeClusterCommand, type EKSClient } from "@aws-sdk/client-eks";
import type { ClusterAddress } from "../model/cluster-address.ts";
import type { KubeClient } from "./client.ts";
import { createEksToken } from "./eks-token.ts";
import { createKubeClient } from "./http-client.ts";

/** Endpoint and certificate change when a cluster is re-created under the same name. */
const REFRESH_AFTER_MS = 10 * 60_000;

export interface Clusters {
  /** Created on first use. Throws for a cluster that this deployment does not serve. */
  client(cluster: string): Promise<KubeClient>;
  /** From the same EKS call as `client`; throws in the same cases. */
  address(cluster: string): Promise<ClusterAddress>;
}

interface Connection {
  readonly address: ClusterAddress;
  readonly client: KubeClient;
}

const describe = async (eks: EKSClient, region: string, cluster: string): Promise<ClusterAddress> => {
  const { cluster: found } = await eks.send(new DescribeClusterCommand({ name: cluster }));
  const { endpoint, certificateAuthority, kubernetesNetworkConfig: network } = found ?? {};
  if (!endpoint || !certificateAuthority?.data) {
    throw new Error(`EKS cluster ${cluster} has no endpoint yet: its status is ${found?.status ?? "unknown"}`);
  }
  return {
    name: cluster,
    region,
    endpoint,
    certificateAuthority: certificateAuthority.data,
    serviceCidr: (network?.ipFamily === "ipv6" ? network.serviceIpv6Cidr : network?.serviceIpv4Cidr) ?? "",
  };
};

const isSame = (one: ClusterAddress, other: ClusterAddress): boolean =>
  one.endpoint === other.endpoint && one.certificateAuthority === other.certificateAuthority;

/** Addresses of the given clusters, and API clients for them; both are cached. */
export const createClusters = (eks: EKSClient, region: string, clusters: readonly string[]): Clusters => {
  const cache = new Map<string, { readonly connection: Promise<Connection>; readonly describedAt: number }>();

  const connect = async (cluster: string, previous: Connection | undefined): Promise<Connection> => {
    const address = await describe(eks, region, cluster);
    if (previous && isSame(previous.address, address)) return previous;
    const { endpoint, certificateAuthority } = address;
    const ca = Buffer.from(certificateAuthority, "base64").toString("utf8");
    const token = createEksToken(cluster, region, eks.config.credentials);
    // Drop a connection that does not work: the next caller gets the current address from EKS.
    const client = createKubeClient({ endpoint, ca, token, onUnusable: () => cache.delete(cluster) });
    return { address, client };
  };

  /** If EKS does not answer, the existing connection stays in use. */
  const refresh = async (cluster: string, before: Promise<Connection>): Promise<Connection> => {
    const previous = await before;
    return connect(cluster, previous).catch(() => previous);
  };

  const connectionTo = async (cluster: string): Promise<Connection> => {
    if (!clusters.includes(cluster)) {
      throw new Error(`cluster: found ${JSON.stringify(cluster)}, this deployment serves ${clusters.join(", ")}`);
    }
    const now = Date.now();
    const existing = cache.get(cluster);
    if (existing && now - existing.describedAt < REFRESH_AFTER_MS) return existing.connection;
    const connection = existing ? refresh(cluster, existing.connection) : connect(cluster, undefined);
    cache.set(cluster, { connection, describedAt: now });
    // Failures are not cached: the next caller retries.
    connection.catch(() => cache.delete(cluster));
    return connection;
  };

  return {
    client: async (cluster) => (await connectionTo(cluster)).client,
    address: async (cluster) => (await connectionTo(cluster)).address,
  };
};
