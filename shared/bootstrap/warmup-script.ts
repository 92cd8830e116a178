/** What warms an Amazon Linux node up on its first boot: a script of bash, as old as AL2's 4.2, that cloud-init starts. */
import type { NodeSettings } from "./node-settings.ts";
import { WARMUP_SCRIPT } from "./warmup-script-body.ts";

/** What the script leaves of the controller's time, so that it is the script that says why a warmup takes too long. */
const RESERVE_MS = 60_000;
/** At gp3's 125 MiB/s enough for the 3 to 10 GiB in use on an EKS image's root volume, twice over. */
const LONGEST_READ_MS = 3 * 60_000;

const seconds = (ms: number): number => Math.max(1, Math.floor(ms / 1000));

/** Everything that differs from node to node, in front, each as one quoted word; the rest of the script is the same for all. */
export const warmupScript = ({ cluster, warmup }: NodeSettings): string => {
  const { timeoutMs } = warmup;
  const settings = [
    `cluster=${shellQuote(cluster.name)}`,
    `region=${shellQuote(cluster.region)}`,
    `endpoint=${shellQuote(cluster.endpoint)}`,
    `limit_s=${seconds(Math.max(timeoutMs - RESERVE_MS, timeoutMs / 2))}`,
    `read_s=${seconds(Math.min(LONGEST_READ_MS, timeoutMs / 3))}`,
    `images_required=${warmup.imagesRequired}`,
    `power_off=${warmup.powersOff}`,
    `images=(${warmup.images.map((image) => `\n  ${shellQuote(image)}`).join("")}\n)`,
  ];
  return `#!/bin/bash\n${settings.join("\n")}\n${WARMUP_SCRIPT}`;
};

/** The text as one word of a POSIX shell, whatever it holds. */
export const shellQuote = (text: string): string => `'${text.replaceAll("\0", "").replaceAll("'", "'\\''")}'`;
