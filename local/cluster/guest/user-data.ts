/**
 * What user data makes of an instance, as far as the embedded cluster's guests understand it: EKS's bootstrap.sh with its kubelet
 * arguments, nodeadm's NodeConfig, and a script that powers off. A tolerant reader, not a shell.
 */

export interface GuestScript {
  /** The cluster it joins; undefined if nothing in it joins one. */
  readonly cluster: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  readonly maxPods: number | undefined;
  /** How long after kubelet is healthy the script powers off; undefined if it never does. */
  readonly powersOffAfterMs: number | undefined;
}

const POWER_OFF = /^\s*(?:sudo\s+)?(?:poweroff|systemctl\s+poweroff|shutdown\s+(?:-h|-P)\s+(?:now|\+0)|halt\s+-p)\b/m;

const flag = (text: string, name: string): string | undefined =>
  new RegExp(`--${name}[= ]["']?([^\\s"']+)`).exec(text)?.[1];

const parseLabels = (text: string | undefined): Record<string, string> =>
  Object.fromEntries((text?.split(",") ?? []).map((pair) => pair.split("=", 2) as [string, string]));

const parseTaints = (text: string | undefined) =>
  (text?.split(",") ?? []).flatMap((taint) => {
    const [, key = "", value, effect = ""] = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(taint) ?? [];
    return key === "" ? [] : [{ key, ...(value && { value }), effect }];
  });

const clusterOf = (text: string): string | undefined =>
  /bootstrap\.sh\s+["']?([A-Za-z0-9][\w.-]*)/.exec(text)?.[1] ??
  /kind:\s*NodeConfig[\s\S]*?cluster:\s*[\s\S]*?name:\s*["']?([\w.-]+)/.exec(text)?.[1] ??
  /cluster-name\s*=\s*"([^"]+)"/.exec(text)?.[1];

/** Sleeps of the lines at the script's own level; a loop that waits for kubelet ends when kubelet is healthy. */
const powerOffDelay = (text: string): number | undefined => {
  const end = POWER_OFF.exec(text)?.index;
  if (end === undefined) return undefined;
  const sleeps = [...text.slice(0, end).matchAll(/^\s*sleep\s+(\d+)\s*$/gm)];
  return sleeps.reduce((sum, [, seconds]) => sum + Number(seconds) * 1000, 0);
};

export const readUserData = (text: string): GuestScript => {
  const joined = text.replace(/\\\n\s*/g, " ");
  return {
    cluster: clusterOf(joined),
    labels: parseLabels(flag(joined, "node-labels")),
    taints: parseTaints(flag(joined, "register-with-taints")),
    maxPods: Number(flag(joined, "max-pods")) || undefined,
    powersOffAfterMs: powerOffDelay(joined),
  };
};
