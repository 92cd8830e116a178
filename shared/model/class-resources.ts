export interface Image {
  readonly id: string;
  /** RFC 3339, as EC2 gives it. */
  readonly creationDate: string;
  /** `x86_64`, `arm64`. */
  readonly architecture: string;
}

export interface Subnet {
  readonly id: string;
  readonly zone: string;
  /** Unused addresses; a stopped instance keeps its address. */
  readonly freeAddresses: number;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
}

export interface InstanceProfile {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly roles: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}
