import type { PodSpec, Taint } from "../objects/objects.ts";

/** The settings with which an instance joins a cluster. */
export interface KubeletSettings {
  readonly clusterName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly maxPods: number | undefined;
  /** The kubelet's shutdownGracePeriod; 0 by default, like the kubelet's own. */
  readonly shutdownGraceMs?: number;
  readonly staticPods?: readonly StaticPod[];
}

export interface StaticPod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: PodSpec;
}

/** The parameters of Stratos's warmup script. */
export interface WarmUpPlan {
  readonly images: readonly string[];
  readonly imagesRequired: boolean;
  readonly optionalImages: readonly string[];
  readonly powersOff: boolean;
  readonly limitMs: number;
  readonly readMs: number;
}

export type ScriptStep =
  | { readonly kind: "bootstrap"; readonly settings: KubeletSettings }
  /** Polls every `pollMs` until the kubelet is healthy. */
  | { readonly kind: "awaitKubelet"; readonly pollMs: number }
  | { readonly kind: "sleep"; readonly ms: number }
  | { readonly kind: "pull"; readonly image: string }
  /** Runs in parallel with the rest of the boot. */
  | { readonly kind: "warmUp"; readonly plan: WarmUpPlan }
  | { readonly kind: "powerOff" };

export interface Script {
  readonly steps: readonly ScriptStep[];
  /** Whether the script runs in parallel with the rest of the boot. */
  readonly inBackground: boolean;
}

/** What an instance's user data makes it do at boot. */
export interface BootPlan {
  /** Run in order, on the first boot only (cloud-init's scripts-user, once per instance). */
  readonly scripts: readonly Script[];
  /** Set if the image has its own service that starts the kubelet at every boot, after the foreground scripts. */
  readonly service: KubeletSettings | undefined;
}
