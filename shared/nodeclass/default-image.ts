import type { AWSNodeClassSpec } from "../api/types.ts";

/**
 * Name of the public SSM parameter that holds the EKS-optimized image's id. `version` is the cluster's, as `1.35`.
 * Sources: docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html and retrieve-ami-id-bottlerocket.html.
 */
export const defaultImageParameter = (
  template: NonNullable<AWSNodeClassSpec["bootstrapTemplate"]>,
  architecture: "x86_64" | "arm64",
  version: string,
): string => {
  switch (template) {
    case "AL2023":
      return `/aws/service/eks/optimized-ami/${version}/amazon-linux-2023/${architecture}/standard/recommended/image_id`;
    case "AL2": {
      const variant = architecture === "arm64" ? "amazon-linux-2-arm64" : "amazon-linux-2";
      return `/aws/service/eks/optimized-ami/${version}/${variant}/recommended/image_id`;
    }
    case "Bottlerocket":
      return `/aws/service/bottlerocket/aws-k8s-${version}/${architecture}/latest/image_id`;
  }
};
