/** Labels and taints in the form in which kubelet's arguments have them. */
import type { Taint } from "../kube/objects.ts";

export const nodeLabelsArg = (labels: Readonly<Record<string, string>>): string =>
  `--node-labels=${Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",")}`;

export const registerWithTaintsArg = (taints: readonly Taint[]): string =>
  `--register-with-taints=${taints.map(({ key, value = "", effect }) => `${key}=${value}:${effect}`).join(",")}`;
