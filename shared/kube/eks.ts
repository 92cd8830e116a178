import { DescribeClusterCommand, type EKSClient } from "@aws-sdk/client-eks";
import type { KubeClient } from "./client.ts";
import { createEksToken } from "./eks-token.ts";
import { createKubeClient } from "./http-client.ts";

/** Endpoint and certificate change when a cluster is made anew under its old name. */
const DESCRIBE_AGAIN_MS = 10 * 60_000;

interface Connection {
  readonly endpoint: string;
  readonly ca: string;
  readonly client: KubeClient;
}

const describe = async (eks: EKSClient, cluster: string): Promise<Omit<Connection, "client">> => {
  const { cluster: found } = await eks.send(new DescribeClusterCommand({ name: cluster }));
  const { endpoint, certificateAuthority } = found ?? {};
  if (!endpoint || !certificateAuthority?.data) {
    throw new Error(`EKS cluster ${cluster} has no endpoint yet: its status is ${found?.status ?? "unknown"}`);
  }
  return { endpoint, ca: Buffer.from(certificateAuthority.data, "base64").toString("utf8") };
};

/** Clients of the named clusters, made at first use. Throws for a cluster that is not among them. */
export const createClusters = (
  eks: EKSClient,
  region: string,
  clusters: readonly string[],
): ((cluster: string) => Promise<KubeClient>) => {
  const known = new Map<string, { readonly connection: Promise<Connection>; readonly describedAt: number }>();

  const connect = async (cluster: string, previous: Connection | undefined): Promise<Connection> => {
    const { endpoint, ca } = await describe(eks, cluster);
    if (previous?.endpoint === endpoint && previous.ca === ca) return previous;
    const token = createEksToken(cluster, region, eks.config.credentials);
    // What cannot be used is forgotten: the next caller asks EKS where the cluster is now.
    const client = createKubeClient({ endpoint, ca, token, onUnusable: () => known.delete(cluster) });
    return { endpoint, ca, client };
  };

  /** A connection that works is kept when EKS itself cannot be asked. */
  const refresh = async (cluster: string, before: Promise<Connection>): Promise<Connection> => {
    const previous = await before;
    return connect(cluster, previous).catch(() => previous);
  };

  return async (cluster) => {
    if (!clusters.includes(cluster)) {
      throw new Error(`cluster: found ${JSON.stringify(cluster)}, this deployment serves ${clusters.join(", ")}`);
    }
    const now = Date.now();
    const existing = known.get(cluster);
    if (existing && now - existing.describedAt < DESCRIBE_AGAIN_MS) return (await existing.connection).client;
    const connection = existing ? refresh(cluster, existing.connection) : connect(cluster, undefined);
    known.set(cluster, { connection, describedAt: now });
    // A failure is not kept: the next caller tries again.
    connection.catch(() => known.delete(cluster));
    return (await connection).client;
  };
};
