import type { PodSpec, Taint } from "../objects.ts";

/** How an instance joins a cluster. */
export interface KubeletSettings {
  readonly clusterName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly maxPods: number | undefined;
  /** Of static pods. */
  readonly staticPods?: readonly StaticPod[];
}

export interface StaticPod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: PodSpec;
}

/** What Stratos's warmup script is told. */
export interface WarmUpPlan {
  readonly images: readonly string[];
  readonly imagesRequired: boolean;
  readonly powersOff: boolean;
  readonly limitMs: number;
  readonly readMs: number;
}

export type ScriptStep =
  | { readonly kind: "bootstrap"; readonly settings: KubeletSettings }
  /** Looks every `pollMs` whether kubelet is healthy. */
  | { readonly kind: "awaitKubelet"; readonly pollMs: number }
  | { readonly kind: "sleep"; readonly ms: number }
  | { readonly kind: "pull"; readonly image: string }
  /** Goes on while the boot does. */
  | { readonly kind: "warmUp"; readonly plan: WarmUpPlan }
  | { readonly kind: "powerOff" };

export interface Script {
  readonly steps: readonly ScriptStep[];
  /** It goes on while the boot does. */
  readonly inBackground: boolean;
}

/** What an instance does with its user data. */
export interface BootPlan {
  /** Run one after the other on the first boot only (cloud-init's scripts-user, once per instance). */
  readonly scripts: readonly Script[];
  /** Of an image whose own service starts kubelet at each boot, once the scripts in the foreground are done. */
  readonly service: KubeletSettings | undefined;
}
