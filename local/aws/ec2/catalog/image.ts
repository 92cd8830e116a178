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
  /** The second volume, as Bottlerocket's images have one. */
  readonly dataVolume?: { readonly deviceName: string; readonly sizeGiB: number; readonly snapshotId: string };
  /** Milliseconds since the epoch. */
  readonly deprecatedAt?: number;
}

/** The image's volumes, the root volume first. */
export const volumesOf = ({ rootDeviceName, rootSizeGiB, rootSnapshotId, dataVolume }: Image) => [
  { deviceName: rootDeviceName, sizeGiB: rootSizeGiB, snapshotId: rootSnapshotId },
  ...(dataVolume ? [dataVolume] : []),
];
