import { parse } from "yaml";
import type { Taint } from "../objects/objects.ts";
import type { KubeletSettings } from "./boot-plan.ts";
import { flagIn, parseLabels, parseTaints } from "./kubelet-flags.ts";

interface NodeConfig {
  kind?: string;
  spec?: {
    cluster?: { name?: string };
    kubelet?: { flags?: string[]; config?: { maxPods?: number; registerWithTaints?: Taint[] } };
  };
}

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
    maxPods: config.maxPods ?? (Number(flagIn(flagText, "max-pods")) || undefined),
  };
};
