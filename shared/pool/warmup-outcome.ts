/** Whether a warmup has reached its goal: a node that joined the cluster and has the required images on its disk. */

import type { PoolSpec } from "../model/api/pool-spec.ts";
import { normalizedImage } from "../model/kubernetes/image-reference.ts";
import type { KubeNode } from "../model/kubernetes/objects.ts";
import { ANNOTATION } from "../model/names.ts";
import type { WarmupFailureReason } from "../model/warmup-failures.ts";
import type { Instance } from "./view.ts";

export type WarmupOutcome =
  | { readonly kind: "succeeded" }
  /** No failure so far, but images are missing that may still be pulled; `required` are those without which the warmup fails in the end. */
  | { readonly kind: "missing"; readonly images: readonly string[]; readonly required: readonly string[] }
  | { readonly kind: "failed"; readonly reason: WarmupFailureReason; readonly message: string };

/** Kubelet's default for `nodeStatusMaxImages`: a list of this length may omit images. */
const MAX_REPORTED_IMAGES = 50;
const FAILED = /^Failed:?\s*/;

const missingImages = (node: KubeNode, wanted: readonly string[]): readonly string[] => {
  const reported = node.status?.images ?? [];
  if (reported.length >= MAX_REPORTED_IMAGES) return [];
  const names = new Set(reported.flatMap((image) => image.names ?? []).map(normalizedImage));
  return wanted.filter((image) => !names.has(normalizedImage(image)));
};

/** The report of the node's own script decides; without one, kubelet's list of images does. */
export const warmupOutcome = ({ record, node }: Instance, { preWarm }: PoolSpec): WarmupOutcome => {
  if (!node) return { kind: "failed", reason: "NodeNeverRegistered", message: "its node never registered" };
  const reported = node.metadata.annotations?.[ANNOTATION.warmupOutcome];
  if (reported !== undefined && FAILED.test(reported)) {
    const why = reported.replace(FAILED, "") || "no reason given";
    return { kind: "failed", reason: "ReportedFailure", message: `its warmup script failed: ${why}` };
  }
  if (reported !== undefined) return { kind: "succeeded" };
  const missing = missingImages(node, record.images ?? preWarm.images);
  const images = [...missing, ...missingImages(node, record.optionalImages ?? [])];
  const required = preWarm.imagePullPolicy === "Required" ? missing : [];
  return images.length > 0 ? { kind: "missing", images, required } : { kind: "succeeded" };
};

/** A hint at the console output of an instance, which tells in its own words what went wrong. */
export const consoleCommand = (instanceId: string | undefined): string =>
  `its console output tells why (aws ec2 get-console-output --latest --instance-id ${instanceId})`;
