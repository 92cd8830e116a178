/** What a node is told at its first boot, whatever its operating system reads it in. */

import { type PoolSpec, readinessTaints } from "../model/api/pool-spec.ts";
import type { ClusterAddress } from "../model/cluster-address.ts";
import type { Taint } from "../model/kubernetes/objects.ts";
import { sameTaint } from "../model/kubernetes/taints.ts";
import type { TemplateSource } from "../model/launch-config.ts";
import { LABEL, TAINT } from "../model/names.ts";
import { mayKubeletSet } from "./kubelet-labels.ts";

export interface WarmupSettings {
  /** In the one form that `normalizedImage` gives. */
  readonly images: readonly string[];
  /** Whether an image that cannot be pulled fails the warmup. */
  readonly imagesRequired: boolean;
  readonly powersOff: boolean;
  /** From launch until the controller gives up. */
  readonly timeoutMs: number;
}

export interface NodeSettings {
  readonly cluster: ClusterAddress;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly maxPods: number | undefined;
  readonly kubeletArgs: readonly string[];
  readonly warmup: WarmupSettings;
}

/**
 * Taints of a node that boots for the first time. Kubelet registers them with a new node object only, and before any pod can
 * see it. Where nothing else keeps pods off until the first start, the standby taint does: that node is about to power off.
 */
const firstTaints = (spec: PoolSpec, kubelet: TemplateSource["kubelet"]): readonly Taint[] => {
  const { taints, networkReadinessStrategy } = spec.template;
  const wanted = [
    ...taints,
    ...(kubelet.nodeTaints ?? []),
    ...readinessTaints(spec),
    ...(networkReadinessStrategy === "None" ? [TAINT.standby] : []),
  ];
  return wanted.filter((taint, index) => wanted.findIndex((other) => sameTaint(taint, other)) === index);
};

/**
 * The class's labels give way to the pool's, `stratos.sh/pool` among them. The state's label is not registered: it says that the
 * controller has given the node its whole shape, and with it the labels that a kubelet may not set.
 */
const firstLabels = (spec: PoolSpec, kubelet: TemplateSource["kubelet"]): Record<string, string> => {
  const wanted = { ...kubelet.nodeLabels, ...spec.template.labels };
  return Object.fromEntries(Object.entries(wanted).filter(([key]) => mayKubeletSet(key) && key !== LABEL.state));
};

export const nodeSettingsOf = (
  { kubelet }: TemplateSource,
  spec: PoolSpec,
  cluster: ClusterAddress,
  images: readonly string[],
): NodeSettings => ({
  cluster,
  labels: firstLabels(spec, kubelet),
  taints: firstTaints(spec, kubelet),
  maxPods: kubelet.maxPods,
  kubeletArgs: kubelet.extraArgs ?? [],
  warmup: {
    images,
    imagesRequired: spec.preWarm.imagePullPolicy === "Required",
    powersOff: spec.preWarm.completionMode === "SelfStop",
    timeoutMs: spec.preWarm.timeoutMs,
  },
});

/** Where EKS puts the cluster's DNS: address 10 of the IPv4 service range, `::a` of an IPv6 one. */
export const dnsAddress = (serviceCidr: string): string => {
  const [base = ""] = serviceCidr.split("/");
  return base.includes(":") ? `${base}a` : base.replace(/\d+$/, "10");
};

export const nodeLabelsArg = (labels: Readonly<Record<string, string>>): string =>
  `--node-labels=${Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",")}`;

export const registerWithTaintsArg = (taints: readonly Taint[]): string =>
  `--register-with-taints=${taints.map(({ key, value = "", effect }) => `${key}=${value}:${effect}`).join(",")}`;
