import type { AWSNodeClassSpec } from "../model/api/types.ts";
import type { Accelerator } from "../model/ec2.ts";

/**
 * Name of the public SSM parameter that holds the id of the EKS-optimized image for a type's architecture and accelerator.
 * `version` is the cluster's, as `1.35`.
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
      // One image drives both kinds of devices; there is none for arm64.
      const plain = architecture === "arm64" ? "amazon-linux-2-arm64" : "amazon-linux-2";
      const variant = accelerator ? "amazon-linux-2-gpu" : plain;
      return `/aws/service/eks/optimized-ami/${version}/${variant}/recommended/image_id`;
    }
    case "Bottlerocket":
      // Neuron devices need no variant of their own: their driver is in the standard one.
      return `/aws/service/bottlerocket/aws-k8s-${version}${accelerator === "nvidia" ? "-nvidia" : ""}/${architecture}/latest/image_id`;
  }
};
