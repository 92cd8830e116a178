/** AWS's public EKS images with the SSM parameters that refer to them, and one custom image of the account. */
import { createHash } from "node:crypto";
import type { Parameters } from "../../ssm/parameters.ts";
import type { Image } from "../catalog/image.ts";
import type { World } from "../world.ts";

/** AWS stopped AL2 images with Kubernetes 1.32, in November 2025, so these versions have none. */
const VERSIONS = ["1.33", "1.34", "1.35", "1.36"];
const ARCHITECTURES = ["x86_64", "arm64"] as const;
/** Amazon's accounts that own the EKS-optimized and Bottlerocket images in us-east-1. */
const EKS_OWNER = "602401143452";
const BOTTLEROCKET_OWNER = "092701018921";
const RELEASED_AT = Date.UTC(2026, 10, 1);
const LAST_AL2_RELEASED_AT = Date.UTC(2025, 10, 12);
const DAY_MS = 24 * 60 * 60 * 1000;

interface PublicImage {
  readonly parameter: string;
  readonly image: Omit<Image, "id" | "ownerAlias" | "public" | "rootSnapshotId" | "dataVolume">;
  readonly dataVolume?: Omit<NonNullable<Image["dataVolume"]>, "snapshotId">;
}

const hexOf = (name: string) => createHash("sha256").update(name).digest("hex").slice(0, 16);

const al2023 = (version: string, index: number, architecture: Image["architecture"], variant: string): PublicImage => ({
  parameter: `/aws/service/eks/optimized-ami/${version}/amazon-linux-2023/${architecture}/${variant}/recommended/image_id`,
  image: {
    name: `amazon-eks-node-al2023-${architecture}-${variant}-${version}-v20261101`,
    ownerId: EKS_OWNER,
    architecture,
    description: `EKS-optimized Kubernetes node based on Amazon Linux 2023, (k8s: ${version})`,
    createdAt: RELEASED_AT + index * DAY_MS,
    rootDeviceName: "/dev/xvda",
    rootSizeGiB: 20,
  },
});

const bottlerocket = (
  version: string,
  index: number,
  architecture: Image["architecture"],
  flavor: string,
): PublicImage => ({
  parameter: `/aws/service/bottlerocket/aws-k8s-${version}${flavor}/${architecture}/latest/image_id`,
  image: {
    name: `bottlerocket-aws-k8s-${version}${flavor}-${architecture}-v1.50.0`,
    ownerId: BOTTLEROCKET_OWNER,
    architecture,
    description: `bottlerocket-aws-k8s-${version}${flavor}-${architecture}-v1.50.0`,
    createdAt: RELEASED_AT + index * DAY_MS,
    rootDeviceName: "/dev/xvda",
    rootSizeGiB: 2,
  },
  // bottlerocket.dev, "Data volume": containers, their images and the kubelet's directory.
  dataVolume: { deviceName: "/dev/xvdb", sizeGiB: 20 },
});

/** Public images are deprecated two years after their creation ("Deprecate an Amazon EC2 AMI", Amazon EC2 User Guide). */
const lastAl2 = (): PublicImage => ({
  parameter: "/aws/service/eks/optimized-ami/1.32/amazon-linux-2/recommended/image_id",
  image: {
    name: "amazon-eks-node-1.32-v20251112",
    ownerId: EKS_OWNER,
    architecture: "x86_64",
    description: "EKS Kubernetes Worker AMI with AmazonLinux2 image, (k8s: 1.32)",
    createdAt: LAST_AL2_RELEASED_AT,
    deprecatedAt: LAST_AL2_RELEASED_AT + 2 * 365 * DAY_MS,
    rootDeviceName: "/dev/xvda",
    rootSizeGiB: 20,
  },
});

const publicImages = (): PublicImage[] => [
  lastAl2(),
  ...VERSIONS.flatMap((version, index) =>
    ARCHITECTURES.flatMap((architecture) => [
      al2023(version, index, architecture, "standard"),
      al2023(version, index, architecture, "nvidia"),
      bottlerocket(version, index, architecture, ""),
      bottlerocket(version, index, architecture, "-nvidia"),
    ]),
  ),
];

/** The image id in the quick start. */
const OWN_IMAGE_ID = "ami-0123456789abcdef0";

export const seedImages = (world: World, parameters: Parameters): void => {
  for (const { parameter, image, dataVolume } of publicImages()) {
    const id = `ami-0${hexOf(image.name)}`;
    const snapshotOf = (volume: string) => `snap-0${hexOf(`${image.name} ${volume}`)}`;
    const data = dataVolume && { dataVolume: { ...dataVolume, snapshotId: snapshotOf("data") } };
    world.images.set(id, {
      ...image,
      id,
      ownerAlias: "amazon",
      public: true,
      rootSnapshotId: snapshotOf("root"),
      ...data,
    });
    parameters.put(parameter, id);
  }
  world.images.set(OWN_IMAGE_ID, {
    id: OWN_IMAGE_ID,
    name: "my-cluster-node",
    ownerId: world.account,
    ownerAlias: undefined,
    public: false,
    architecture: "x86_64",
    description: "EKS node with this account's own additions",
    createdAt: RELEASED_AT,
    rootDeviceName: "/dev/xvda",
    rootSizeGiB: 20,
    rootSnapshotId: "snap-0123456789abcdef0",
  });
  world.tags.add(OWN_IMAGE_ID, { Name: "my-cluster-node", "stratos.sh/discovery": "my-cluster" });
};
