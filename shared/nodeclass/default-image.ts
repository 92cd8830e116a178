import type { AWSNodeClassSpec } from "../model/api/types.ts";
import type { Accelerator } from "../model/ec2.ts";

/**
 * The name of the public SSM parameter with the id of the EKS-optimized image for an architecture and accelerator.
 * `version` is the cluster's Kubernetes version, such as `1.35`.
 * Sources: docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html and retrieve-ami-id-bottlerocket.html.
 */
export const defaultImageParameter = (
  template: NonNullable<AWSNodeClassSpec["bootstrapTemplate"]>,
  architecture: "x86_64" | "arm64",
  version: string,
  accelerator?: Accelerator,
): string => {
  switch (template) {
    case "AL2023":
      return `/aws/service/eks/optimized-ami/${version}/amazon-linux-2023/${architecture}/${accelerator ?? "standard"}/recommended/image_id`;
    case "AL2": {
      // One image has the drivers for both kinds of accelerators; it does not exist for arm64.
      const standard = architecture === "arm64" ? "amazon-linux-2-arm64" : "amazon-linux-2";
      const variant = accelerator ? "amazon-linux-2-gpu" : standard;
      return `/aws/service/eks/optimized-ami/${version}/${variant}/recommended/image_id`;
    }
    case "Bottlerocket":
      // The standard variant includes the Neuron driver.
      return `/aws/service/bottlerocket/aws-k8s-${version}${accelerator === "nvidia" ? "-nvidia" : ""}/${architecture}/latest/image_id`;
  }
};
