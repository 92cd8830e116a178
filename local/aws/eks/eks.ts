import {
  CloudError,
  type CloudRequest,
  type CloudResponse,
  type CloudService,
  HOME,
  type Place,
} from "../gateway/service.ts";

/** A cluster as `DescribeCluster` returns it. */
export interface EksCluster {
  readonly name: string;
  /** `https://…`. */
  readonly endpoint: string;
  readonly caPem: string;
  /** `1.36`. */
  readonly version: string;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

export const clusterArn = (name: string, { account, region }: Place = HOME) =>
  `arn:aws:eks:${region}:${account}:cluster/${name}`;

/** EKS API Reference, "Cluster": status. A cluster stays usable while it is updated. */
type ClusterStatus = "CREATING" | "ACTIVE" | "DELETING" | "FAILED" | "UPDATING" | "PENDING";

export interface Eks {
  readonly service: CloudService;
  /** What DescribeCluster says from now on; `ACTIVE` until then. */
  setStatus(clusterName: string, status: ClusterStatus): void;
}

const describe = (cluster: EksCluster, status: ClusterStatus, place: Place) => ({
  name: cluster.name,
  arn: clusterArn(cluster.name, place),
  version: cluster.version,
  // Both are absent until the cluster is created.
  endpoint: status === "CREATING" ? undefined : cluster.endpoint,
  status,
  platformVersion: "eks.1",
  certificateAuthority: status === "CREATING" ? {} : { data: Buffer.from(cluster.caPem).toString("base64") },
  kubernetesNetworkConfig: { serviceIpv4Cidr: "172.20.0.0/16", ipFamily: "ipv4" },
  resourcesVpcConfig: {
    vpcId: cluster.vpcId,
    subnetIds: cluster.subnetIds,
    securityGroupIds: cluster.securityGroupIds,
    endpointPublicAccess: true,
    endpointPrivateAccess: false,
    publicAccessCidrs: ["0.0.0.0/0"],
  },
  accessConfig: { authenticationMode: "API" },
});

const reply = (status: number, body: object, headers: Record<string, string> = {}): CloudResponse => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

/** Simulates EKS (REST-JSON): DescribeCluster and ListClusters. `clusters` returns the clusters at the time of the call. */
export const createEks = (clusters: () => readonly EksCluster[], place: Place = HOME): Eks => {
  const statuses = new Map<string, ClusterStatus>();
  const respond = (request: CloudRequest): CloudResponse => {
    const name = /^\/clusters\/([^/]+)$/.exec(decodeURIComponent(request.path))?.[1];
    if (request.method === "GET" && name !== undefined) {
      request.authorize("eks:DescribeCluster", [clusterArn(name, place)]);
      const cluster = clusters().find((candidate) => candidate.name === name);
      if (!cluster) throw new CloudError("ResourceNotFoundException", `No cluster found for name: ${name}.`, 404);
      return reply(200, { cluster: describe(cluster, statuses.get(name) ?? "ACTIVE", place) });
    }
    if (request.method === "GET" && request.path === "/clusters") {
      request.authorize("eks:ListClusters", [clusterArn("*", place)]);
      return reply(200, { clusters: clusters().map((cluster) => cluster.name) });
    }
    throw new CloudError(
      "UnknownOperationException",
      `The simulated EKS does not support ${request.method} ${request.path}`,
      404,
    );
  };

  const handle = async (request: CloudRequest): Promise<CloudResponse> => {
    try {
      return respond(request);
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      const code = error.code === "AccessDenied" ? "AccessDeniedException" : error.code;
      return reply(error.status, { message: error.message }, { "x-amzn-errortype": code });
    }
  };

  return {
    service: { signingName: "eks", handle },
    setStatus: (clusterName, status) => void statuses.set(clusterName, status),
  };
};
