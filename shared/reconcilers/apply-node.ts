import { KubeError } from "../kube/client.ts";
import { paths } from "../kube/paths.ts";
import type { KubeNode } from "../model/kubernetes/objects.ts";
import { type DesiredNode, nodePatch } from "../pool/desired-node.ts";
import type { ReconcilerPorts } from "./ports.ts";

/** Kubelet, node controller and cloud controller write to nodes as well; more lost races in a row than this are no accident. */
const MAX_PATCH_ATTEMPTS = 5;

/** Gives the node the shape; on a conflict with another writer it is read and compared again. Gone nodes need none. */
export const applyNode = async (
  ports: Pick<ReconcilerPorts, "kube">,
  cluster: string,
  found: KubeNode,
  shape: DesiredNode,
): Promise<void> => {
  const kube = await ports.kube(cluster);
  const path = paths.node(found.metadata.name);
  let node: KubeNode | undefined = found;
  for (let attempt = 1; node; attempt += 1) {
    const patch = nodePatch(node, shape);
    if (!patch) return;
    try {
      await kube.patch(path, "merge", patch);
      return;
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 409 || attempt >= MAX_PATCH_ATTEMPTS) throw error;
      node = await kube.get<KubeNode>(path);
    }
  }
};
