/** Whether a warmup has done what it is for: a node that joined the cluster, with the images it has to have on its disk. */

import type { PoolSpec } from "../model/api/pool-spec.ts";
import { normalizedImage } from "../model/kubernetes/image-reference.ts";
import type { KubeNode } from "../model/kubernetes/objects.ts";
import { ANNOTATION } from "../model/names.ts";
import type { WarmupFailureReason } from "../model/warmup-failures.ts";
import type { Instance } from "./view.ts";

export type WarmupOutcome =
  | { readonly kind: "succeeded" }
  /** Nothing speaks against it so far, but images are still missing that may be on their way. */
  | { readonly kind: "missing"; readonly images: readonly string[] }
  | { readonly kind: "failed"; readonly reason: WarmupFailureReason; readonly message: string };

/** Kubelet's default for `nodeStatusMaxImages`: of a list as long as this, nobody knows what it leaves out. */
const MOST_REPORTED_IMAGES = 50;
const FAILED = /^Failed:?\s*/;

const missingImages = (node: KubeNode, wanted: readonly string[]): readonly string[] => {
  const reported = node.status?.images ?? [];
  if (reported.length >= MOST_REPORTED_IMAGES) return [];
  const names = new Set(reported.flatMap((image) => image.names ?? []).map(normalizedImage));
  return wanted.filter((image) => !names.has(normalizedImage(image)));
};

/** What the node says itself counts; where its user data reports nothing, kubelet's list of images does. */
export const warmupOutcome = ({ record, node }: Instance, { preWarm }: PoolSpec): WarmupOutcome => {
  if (!node) return { kind: "failed", reason: "NodeNeverRegistered", message: "its node never registered" };
  const reported = node.metadata.annotations?.[ANNOTATION.warmupOutcome];
  if (reported !== undefined && FAILED.test(reported)) {
    const why = reported.replace(FAILED, "") || "it gives no reason";
    return { kind: "failed", reason: "ReportedFailure", message: `its warmup script failed: ${why}` };
  }
  const missing = reported === undefined ? missingImages(node, record.images ?? preWarm.images) : [];
  return missing.length > 0 ? { kind: "missing", images: missing } : { kind: "succeeded" };
};

/** Where an instance says in its own words what went wrong. */
export const consoleCommand = (instanceId: string | undefined): string =>
  `its console output tells why (aws ec2 get-console-output --latest --instance-id ${instanceId})`;
