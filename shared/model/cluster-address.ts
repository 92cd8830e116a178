/** What a node needs to join its cluster without calling EKS. */
export interface ClusterAddress {
  readonly name: string;
  readonly region: string;
  readonly endpoint: string;
  /** Base64-encoded PEM, as EKS returns it. */
  readonly certificateAuthority: string;
  /** The service CIDR: IPv4, or IPv6 in an IPv6 cluster. */
  readonly serviceCidr: string;
}

export const isIpv6 = ({ serviceCidr }: ClusterAddress): boolean => serviceCidr.includes(":");
