import { isDeepStrictEqual } from "node:util";
import { KubeError } from "../kube/client.ts";
import { paths } from "../kube/paths.ts";
import type { KubeNode } from "../model/kubernetes/objects.ts";
import { type DesiredNode, nodePatch } from "../pool/desired-node.ts";
import type { ReconcilerPorts } from "./ports.ts";

/** Kubelet, node controller and cloud controller write to nodes as well; more lost races in a row than this are no accident. */
const MAX_PATCH_ATTEMPTS = 10;

const isConflict = (error: unknown): boolean => error instanceof KubeError && error.status === 409;

/** On a conflict, the node is read and compared again, if `mayRepeat` allows that for what was read. Gone nodes need nothing. */
const patchWithRetries = async (
  { kube }: Pick<ReconcilerPorts, "kube">,
  cluster: string,
  { found, shape }: { readonly found: KubeNode; readonly shape: DesiredNode },
  mayRepeat: (current: KubeNode) => boolean,
): Promise<void> => {
  const client = await kube(cluster);
  const path = paths.node(found.metadata.name);
  let node: KubeNode | undefined = found;
  for (let attempt = 1; node; attempt += 1) {
    try {
      const patch = nodePatch(node, shape);
      if (patch) await client.patch(path, "merge", patch);
      return;
    } catch (error) {
      if (!isConflict(error) || attempt >= MAX_PATCH_ATTEMPTS) throw error;
      node = await client.get<KubeNode>(path);
      if (node && !mayRepeat(node)) throw error;
    }
  }
};

const accessOf = ({ spec }: KubeNode) => [spec?.unschedulable ?? false, spec?.taints ?? []];

/** Gives the node the shape. Throws a 409 if somebody else changed its cordon or taints since it was read. */
export const patchNode = (
  ports: Pick<ReconcilerPorts, "kube">,
  cluster: string,
  found: KubeNode,
  shape: DesiredNode,
): Promise<void> =>
  patchWithRetries(ports, cluster, { found, shape }, (current) =>
    isDeepStrictEqual(accessOf(current), accessOf(found)),
  );

/**
 * Gives a node the shape that it keeps whatever others wrote meanwhile. Only for whoever has just recorded the state that the shape belongs to.
 */
export const applyNode = (
  ports: Pick<ReconcilerPorts, "kube">,
  cluster: string,
  found: KubeNode,
  shape: DesiredNode,
): Promise<void> => patchWithRetries(ports, cluster, { found, shape }, () => true);
