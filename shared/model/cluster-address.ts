/** What a node has to know to find its cluster, without asking EKS. */
export interface ClusterAddress {
  readonly name: string;
  readonly region: string;
  readonly endpoint: string;
  /** PEM in base64, as EKS gives it. */
  readonly certificateAuthority: string;
  /** Of services: IPv4, or IPv6 in a cluster of that family. */
  readonly serviceCidr: string;
}
