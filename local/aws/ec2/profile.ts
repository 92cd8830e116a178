import type { NetworkPlugin } from "./pod-addresses.ts";
import type { TransitionTimes } from "./transition-times.ts";

/** Where accounts differ from one another. */
export interface Ec2Profile {
  /** The longest time that a new instance stays invisible to calls; 2000 by default. */
  readonly invisibleMs?: number;
  /** `MEASURED_TIMES` by default. */
  readonly transitionTimes?: TransitionTimes;
  readonly encryption?: EbsEncryption;
  /**
   * The account that shares its VPC, subnets, security groups and capacity reservations with this one (AWS RAM): their ARNs name it
   * (terraform-aws-iam#227, runs-on#463). This account by default.
   */
  readonly networkOwner?: string;
  /** How pods get their addresses; `vpc-cni` by default in an environment with a cluster, else there are no pods. */
  readonly networkPlugin?: NetworkPlugin;
  /** What names the hosts: the address, or the instance id ("Amazon EC2 instance hostname types", Amazon EC2 User Guide). `ip-name` by default. */
  readonly hostnames?: "ip-name" | "resource-name";
  /** The domain of the VPC's DHCP options set, which EC2 shows in private DNS names too (amazon-eks-ami#1457); EC2's own by default. */
  readonly dnsDomain?: string;
  /** Whether the subnets have IPv6 addresses, and who gets one: every instance, or only those whose launch asks. `none` by default. */
  readonly ipv6?: "none" | "onLaunch" | "onRequest";
  /** The bound of a describe's lag: see `LaggingReads`; 0 by default. */
  readonly readLagMs?: number;
}

/** The account's settings ("EBS encryption by default", Amazon EBS User Guide). */
export interface EbsEncryption {
  /** Encrypts every new volume; off by default. */
  readonly byDefault?: boolean;
  /** The customer-managed key for volumes that name none; by default the AWS-managed key, which refuses nobody. */
  readonly defaultKeyArn?: string;
}
