import { ANNOTATION } from "../names.ts";
import type { KubeNode, Labels } from "./objects.ts";

/** Set by the cloud controller manager when it initializes a node, under the current name and that from before 1.17. */
export const INSTANCE_TYPE_LABELS = ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"] as const;

/** The keys of the labels that Stratos has given the node; undefined if that was not noted. */
export const ownLabelKeys = ({ metadata }: KubeNode): readonly string[] | undefined =>
  metadata.annotations?.[ANNOTATION.ownLabels]?.split(",");

/** The labels that the node has from others, and keeps whatever its pool asks for. */
export const foreignLabels = (node: KubeNode): Labels => {
  const { labels = {} } = node.metadata;
  const own = ownLabelKeys(node) ?? [];
  if (own.length === 0) return labels;
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !own.includes(key)));
};
