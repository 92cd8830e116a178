import { parse } from "smol-toml";
import type { Taint } from "../objects/objects.ts";
import type { KubeletSettings, StaticPod } from "./boot-plan.ts";

/** The fields of `[settings.kubernetes]` that matter for booting a node. Source: bottlerocket.dev/en/os/latest, API reference. */
interface KubernetesSettings {
  "cluster-name"?: string;
  "max-pods"?: number;
  "node-labels"?: Record<string, string>;
  /** `value:Effect`, by key. */
  "node-taints"?: Record<string, string[]>;
  "static-pods"?: Record<string, { enabled?: boolean; manifest?: string }>;
}

const taintsOf = (taints: Readonly<Record<string, readonly string[]>>): Taint[] =>
  Object.entries(taints).flatMap(([key, list]) =>
    list.map((text) => {
      const [value = "", effect = ""] = text.split(":");
      return { key, ...(value ? { value } : {}), effect };
    }),
  );

const staticPodsOf = (pods: NonNullable<KubernetesSettings["static-pods"]>): StaticPod[] =>
  Object.values(pods).flatMap(({ enabled, manifest }) =>
    enabled && manifest ? [JSON.parse(Buffer.from(manifest, "base64").toString("utf8")) as StaticPod] : [],
  );

/**
 * The kubelet settings in Bottlerocket user data; undefined if it names no cluster. Throws if it is not TOML, which
 * Bottlerocket also rejects.
 */
export const readBottlerocket = (text: string): KubeletSettings | undefined => {
  const { settings } = parse(text) as { settings?: { kubernetes?: KubernetesSettings } };
  const kubernetes = settings?.kubernetes ?? {};
  const clusterName = kubernetes["cluster-name"];
  if (clusterName === undefined) return undefined;
  return {
    clusterName,
    labels: kubernetes["node-labels"] ?? {},
    taints: taintsOf(kubernetes["node-taints"] ?? {}),
    maxPods: kubernetes["max-pods"],
    staticPods: staticPodsOf(kubernetes["static-pods"] ?? {}),
  };
};
