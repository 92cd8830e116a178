import { KubeError } from "../kube/client.ts";
import { paths } from "../kube/paths.ts";
import type { KubeNode } from "../model/kubernetes/objects.ts";
import { type DesiredNode, nodePatch } from "../pool/desired-node.ts";
import type { ReconcilerPorts } from "./ports.ts";

/** Kubelet, node controller and cloud controller write to nodes as well; more lost races in a row than this are no accident. */
const MAX_PATCH_ATTEMPTS = 5;

/** Gives the node the shape. Throws a 409 if somebody else changed its cordon or taints since it was read. */
export const patchNode = async (
  ports: Pick<ReconcilerPorts, "kube">,
  cluster: string,
  node: KubeNode,
  shape: DesiredNode,
): Promise<void> => {
  const patch = nodePatch(node, shape);
  if (patch) await (await ports.kube(cluster)).patch(paths.node(node.metadata.name), "merge", patch);
};

/**
 * Gives a node the shape that it keeps whatever others wrote meanwhile: on a conflict it is read and compared again. Only for whoever has just
 * recorded the state that the shape belongs to. Gone nodes need none.
 */
export const applyNode = async (
  ports: Pick<ReconcilerPorts, "kube">,
  cluster: string,
  found: KubeNode,
  shape: DesiredNode,
): Promise<void> => {
  let node: KubeNode | undefined = found;
  for (let attempt = 1; node; attempt += 1) {
    try {
      await patchNode(ports, cluster, node, shape);
      return;
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 409 || attempt >= MAX_PATCH_ATTEMPTS) throw error;
      node = await (await ports.kube(cluster)).get<KubeNode>(paths.node(found.metadata.name));
    }
  }
};
