export interface Image {
  readonly id: string;
  /** RFC 3339, as EC2 gives it. */
  readonly creationDate: string;
  /** `x86_64`, `arm64`. */
  readonly architecture: string;
  readonly rootDevice: string;
  /** Names of the image's own volumes, the root device among them. */
  readonly devices: readonly string[];
  /** RFC 3339; a deprecated image can still be launched. */
  readonly deprecatedAt?: string;
}

export interface Subnet {
  readonly id: string;
  readonly zone: string;
  readonly vpcId: string;
  /** Unused addresses; a stopped instance keeps its address. */
  readonly freeAddresses: number;
}

export interface SecurityGroup {
  readonly id: string;
  readonly vpcId: string;
  readonly name: string;
}

export interface InstanceProfile {
  readonly arn: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly roles: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}
