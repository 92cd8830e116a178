import type { NodeSettings } from "../../../shared/bootstrap/node-settings.ts";
import type { ClusterAddress } from "../../../shared/model/cluster-address.ts";

export const anAddress = (overrides: Partial<ClusterAddress> = {}): ClusterAddress => ({
  name: "my-cluster",
  region: "us-east-1",
  endpoint: "https://0123456789ABCDEF.gr7.us-east-1.eks.amazonaws.com",
  certificateAuthority: "LS0tLS1CRUdJTg==",
  serviceCidr: "172.20.0.0/16",
  ...overrides,
});

export const aWarmup = (overrides: Partial<NodeSettings["warmup"]> = {}): NodeSettings["warmup"] => ({
  images: ["docker.io/library/redis:7", "123456789012.dkr.ecr.us-east-1.amazonaws.com/model:v1"],
  imagesRequired: true,
  optionalImages: [],
  powersOff: true,
  timeoutMs: 600_000,
  ...overrides,
});

/** A node with all settings. */
export const aNodeSettings = (overrides: Partial<NodeSettings> = {}): NodeSettings => ({
  cluster: anAddress(),
  labels: { "stratos.sh/pool": "workers", team: "ci" },
  taints: [
    { key: "dedicated", value: "ci", effect: "NoSchedule" },
    { key: "stratos.sh/not-ready", value: "true", effect: "NoSchedule" },
  ],
  maxPods: 58,
  kubeletArgs: ["--image-gc-high-threshold=90"],
  warmup: aWarmup(),
  ...overrides,
});
