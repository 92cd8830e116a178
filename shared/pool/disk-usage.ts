/** How full a node's disk is. */
import { parseQuantity } from "../model/api/quantity.ts";
import type { KubeNode } from "../model/kubernetes/objects.ts";
import { ANNOTATION } from "../model/names.ts";

/** What somebody on the node has measured. Anything but a percentage says nothing. */
const measured = ({ metadata }: KubeNode): number | undefined => {
  const said = metadata.annotations?.[ANNOTATION.diskUsedPercent];
  const percent = said === undefined || said.trim() === "" ? Number.NaN : Number(said);
  return percent >= 0 && percent <= 100 ? percent : undefined;
};

/**
 * The images that kubelet reports, as a share of its file system: less than what is used, because containerd tells the compressed sizes, and neither
 * layers that containers have written nor other programs' files are part of it.
 */
const estimated = ({ status }: KubeNode): number | undefined => {
  const capacity = status?.capacity?.["ephemeral-storage"];
  if (capacity === undefined || !status?.images) return undefined;
  const bytes = Number(parseQuantity(capacity, "ephemeral-storage") / parseQuantity(1));
  const used = status.images.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
  return bytes > 0 ? (100 * used) / bytes : undefined;
};

/** In percent; undefined if nothing says. */
export const diskUsedPercent = (node: KubeNode): number | undefined => measured(node) ?? estimated(node);
