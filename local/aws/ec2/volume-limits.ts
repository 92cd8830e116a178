import type { InstanceType } from "./catalog/instance-type.ts";

/**
 * Most Nitro types share 28 attachments among network interfaces, EBS volumes and NVMe instance store volumes ("Amazon EBS volume limits for Amazon EC2
 * instances", Amazon EC2 User Guide).
 */
export const SHARED_ATTACHMENTS = 28;

/** How many volumes an instance with so many network interfaces can have. */
export const maxVolumesOf = ({ instanceStorageGB }: InstanceType, interfaces: number): number =>
  SHARED_ATTACHMENTS - interfaces - (instanceStorageGB > 0 ? 1 : 0);
