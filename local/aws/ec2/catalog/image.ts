export interface Image {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  /** `amazon` for AWS's own images. */
  readonly ownerAlias: string | undefined;
  readonly public: boolean;
  readonly architecture: "x86_64" | "arm64";
  readonly description: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly rootDeviceName: string;
  readonly rootSizeGiB: number;
  readonly rootSnapshotId: string;
}
