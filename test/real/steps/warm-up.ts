import { fileURLToPath } from "node:url";
import { hasTaint, type NodeObject, poolNodes, poolStatus, readiness, SHUTDOWN, stateOf, until } from "../reading.ts";
import type { Real } from "../stage.ts";

const QUICK_START = fileURLToPath(new URL("../../../examples/quickstart", import.meta.url));

/**
 * Applies the unchanged quick start and waits until its three instances have stopped, the controller-manager has set their nodes to Unknown
 * and the cloud-controller-manager has tainted them. Returns the nodes.
 */
export const warmUp = async (real: Real): Promise<readonly NodeObject[]> => {
  await real.kube.kubectl(["apply", "-f", QUICK_START]);
  await until(real, "three instances are standby", () => poolStatus(real).standby === 3, 120_000);
  const isShutDown = (node: NodeObject) =>
    stateOf(node) === "standby" && readiness(node) === "Unknown" && hasTaint(node, SHUTDOWN);
  await until(real, "their nodes are known to be shut down", () => poolNodes(real).every(isShutDown), 40_000);
  return poolNodes(real);
};
