import { parse } from "yaml";
import type { Taint } from "../objects/objects.ts";
import type { KubeletSettings } from "./boot-plan.ts";
import { flagIn, parseLabels, parseTaints } from "./kubelet-flags.ts";

interface NodeConfig {
  kind?: string;
  spec?: {
    cluster?: { name?: string };
    kubelet?: {
      flags?: string[];
      config?: { maxPods?: number; registerWithTaints?: Taint[]; shutdownGracePeriod?: string };
    };
  };
}

/** nodeadm's shutdownGracePeriod from Kubernetes 1.34 on (awslabs/amazon-eks-ami#2390). */
const SHUTDOWN_GRACE_MS = 150_000;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Reads a Go duration such as `2m30s`. */
const durationMs = (text: string | undefined): number | undefined =>
  text === undefined
    ? undefined
    : [...text.matchAll(/([\d.]+)([smh])/g)].reduce(
        (sum, [, count, unit = ""]) => sum + Number(count) * (UNIT_MS[unit] ?? 0),
        0,
      );

/** The kubelet settings in nodeadm's NodeConfig (node.eks.aws/v1alpha1), as AL2023 reads it; undefined if the text is not a NodeConfig. */
export const readNodeConfig = (text: string): KubeletSettings | undefined => {
  const { kind, spec } = (parse(text) ?? {}) as NodeConfig;
  if (kind !== "NodeConfig" || !spec?.cluster?.name) return undefined;
  const { flags = [], config = {} } = spec.kubelet ?? {};
  const flagText = flags.join(" ");
  return {
    clusterName: spec.cluster.name,
    labels: parseLabels(flagIn(flagText, "node-labels")),
    taints: [...parseTaints(flagIn(flagText, "register-with-taints")), ...(config.registerWithTaints ?? [])],
    shutdownGraceMs: durationMs(config.shutdownGracePeriod) ?? SHUTDOWN_GRACE_MS,
    maxPods: config.maxPods ?? (Number(flagIn(flagText, "max-pods")) || undefined),
  };
};
