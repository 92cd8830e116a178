import { startBusyNeighbour } from "../busy-neighbour.ts";
import { nodeNamed, POOL, stateOf, until } from "../reading.ts";
import type { Real } from "../stage.ts";

export const changePool = ({ kube }: Real, change: object): Promise<string> =>
  kube.kubectl(["patch", "nodepool", POOL, "--type=merge", "-p", JSON.stringify(change)]);

/** Waits until a node has returned to standby, while another client keeps writing to it. */
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

/** Deletes the burst and waits until its nodes have returned to standby. */
export const endBurst = async (real: Real, nodes: readonly string[]): Promise<void> => {
  // Short, because the scenario waits in real time.
  await changePool(real, { spec: { scaleDown: { emptyNodeTTL: "4s" } } });
  await real.kube.kubectl(["delete", "deployment", "burst"]);
  await Promise.all(nodes.map((name) => untilStandby(real, name)));
};
