import { fileURLToPath } from "node:url";
import { hasTaint, type NodeObject, poolNodes, poolStatus, readiness, SHUTDOWN, stateOf, until } from "../reading.ts";
import type { Real } from "../stage.ts";

const QUICK_START = fileURLToPath(new URL("../../../examples/quickstart", import.meta.url));

/**
 * Applies the quick start as it is, and waits until its three instances have stopped, the controller-manager has given up on their
 * nodes and the cloud-controller-manager has marked them; the nodes as they are then.
 */
export const warmUp = async (real: Real): Promise<readonly NodeObject[]> => {
  await real.kube.kubectl(["apply", "-f", QUICK_START]);
  await until(real, "three instances are standby", () => poolStatus(real).standby === 3, 120_000);
  const isAsleep = (node: NodeObject) =>
    stateOf(node) === "standby" && readiness(node) === "Unknown" && hasTaint(node, SHUTDOWN);
  await until(real, "their nodes are known to be shut down", () => poolNodes(real).every(isAsleep), 40_000);
  return poolNodes(real);
};
