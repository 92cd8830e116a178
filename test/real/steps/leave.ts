import { startBusyNeighbour } from "../busy-neighbour.ts";
import { nodeNamed, POOL, stateOf, until } from "../reading.ts";
import type { Real } from "../stage.ts";

export const changePool = ({ kube }: Real, change: object): Promise<string> =>
  kube.kubectl(["patch", "nodepool", POOL, "--type=merge", "-p", JSON.stringify(change)]);

/** Waits until a node has gone back to standby, while somebody else keeps writing to it. */
export const untilStandby = async (real: Real, name: string): Promise<void> => {
  const isStandby = () => {
    const node = nodeNamed(real, name);
    return node !== undefined && stateOf(node) === "standby";
  };
  const stopNeighbour = startBusyNeighbour(real, name);
  try {
    await until(real, `${name} is standby again`, isStandby, 60_000);
  } finally {
    await stopNeighbour();
  }
};

/** The burst leaves, and its nodes go back to standby. */
export const leave = async (real: Real, nodes: readonly string[]): Promise<void> => {
  // Short enough to be waited for.
  await changePool(real, { spec: { scaleDown: { emptyNodeTTL: "4s" } } });
  await real.kube.kubectl(["delete", "deployment", "burst"]);
  await Promise.all(nodes.map((name) => untilStandby(real, name)));
};
