/** The settings of a node's first boot, independent of the operating system's format. */

import { type PoolSpec, readinessTaints } from "../model/api/pool-spec.ts";
import type { ClusterAddress } from "../model/cluster-address.ts";
import type { Taint } from "../model/kubernetes/objects.ts";
import { sameTaint } from "../model/kubernetes/taints.ts";
import type { TemplateSource } from "../model/launch-config.ts";
import { LABEL, TAINT } from "../model/names.ts";
import { mayKubeletSet } from "./kubelet-labels.ts";
import type { WarmupImages } from "./warmup-images.ts";

export interface WarmupSettings {
  /** As returned by `normalizedImage`. */
  readonly images: readonly string[];
  /** Whether a failed pull of one of `images` fails the warmup. */
  readonly imagesRequired: boolean;
  /** Images whose failed pull never fails the warmup. */
  readonly optionalImages: readonly string[];
  readonly powersOff: boolean;
  /** The controller's limit, measured from launch. */
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
 * Taints for a node's first boot. The kubelet registers them only with a new node object, before any pod can be scheduled to it. If no
 * readiness taint keeps pods off during warmup, the standby taint does: the node is about to power off.
 */
const firstTaints = (spec: PoolSpec, kubelet: TemplateSource["kubelet"]): readonly Taint[] => {
  const { taints, networkReadinessStrategy } = spec.template;
  const all = [
    ...taints,
    ...(kubelet.nodeTaints ?? []),
    ...readinessTaints(spec),
    ...(networkReadinessStrategy === "None" ? [TAINT.standby] : []),
  ];
  return all.filter((taint, index) => all.findIndex((other) => sameTaint(taint, other)) === index);
};

/**
 * The pool's labels, `stratos.sh/pool` among them, override the class's. The state label is not registered: the controller sets it after
 * it has applied the whole desired node, including the labels that a kubelet may not set.
 */
const firstLabels = (spec: PoolSpec, kubelet: TemplateSource["kubelet"]): Record<string, string> => {
  const labels = { ...kubelet.nodeLabels, ...spec.template.labels };
  return Object.fromEntries(Object.entries(labels).filter(([key]) => mayKubeletSet(key) && key !== LABEL.state));
};

export const nodeSettingsOf = (
  { kubelet }: TemplateSource,
  spec: PoolSpec,
  cluster: ClusterAddress,
  images: WarmupImages,
): NodeSettings => ({
  cluster,
  labels: firstLabels(spec, kubelet),
  taints: firstTaints(spec, kubelet),
  maxPods: kubelet.maxPods,
  kubeletArgs: kubelet.extraArgs ?? [],
  warmup: {
    ...images,
    imagesRequired: spec.preWarm.imagePullPolicy === "Required",
    powersOff: spec.preWarm.completionMode === "SelfStop",
    timeoutMs: spec.preWarm.timeoutMs,
  },
});

/** The address that EKS gives cluster DNS: address 10 of an IPv4 service range, `::a` of an IPv6 one. */
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
