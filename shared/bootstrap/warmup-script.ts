/** The script that warms up an Amazon Linux node on its first boot. cloud-init starts it; it must run on AL2's bash 4.2. */
import type { NodeSettings } from "./node-settings.ts";
import { WARMUP_SCRIPT } from "./warmup-script-body.ts";

/** The script times out this long before the controller, so that the script reports why a warmup takes too long. */
const RESERVE_MS = 60_000;
/** Twice the time to read the 3 to 10 GiB used on an EKS image's root volume at gp3's 125 MiB/s. */
const MAX_READ_MS = 3 * 60_000;

const seconds = (ms: number): number => Math.max(1, Math.floor(ms / 1000));

/** The settings that differ between nodes come first, each quoted as one word; the rest of the script is constant. */
export const warmupScript = ({ cluster, warmup }: NodeSettings): string => {
  const { timeoutMs } = warmup;
  const settings = [
    `cluster=${shellQuote(cluster.name)}`,
    `region=${shellQuote(cluster.region)}`,
    `endpoint=${shellQuote(cluster.endpoint)}`,
    `limit_s=${seconds(Math.max(timeoutMs - RESERVE_MS, timeoutMs / 2))}`,
    `read_s=${seconds(Math.min(MAX_READ_MS, timeoutMs / 3))}`,
    `images_required=${warmup.imagesRequired}`,
    `power_off=${warmup.powersOff}`,
    `images=${arrayOf(warmup.images)}`,
    `optional_images=${arrayOf(warmup.optionalImages)}`,
  ];
  return `#!/bin/bash\n${settings.join("\n")}\n${WARMUP_SCRIPT}`;
};

const arrayOf = (words: readonly string[]): string => `(${words.map((word) => `\n  ${shellQuote(word)}`).join("")}\n)`;

/** Quotes any text as one word for a POSIX shell. */
export const shellQuote = (text: string): string => `'${text.replaceAll("\0", "").replaceAll("'", "'\\''")}'`;
