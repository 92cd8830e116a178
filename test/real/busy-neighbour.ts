import { KubeError } from "../../shared/kube/client.ts";
import { paths } from "../../shared/kube/paths.ts";
import { nodeNamed, stateOf } from "./reading.ts";
import type { Real } from "./stage.ts";

const PAUSE_MS = 5;

/** Keeps writing to a node while it is draining, so that writers conflict. Returns a function that stops it. */
export const startBusyNeighbour = (real: Real, name: string): (() => Promise<void>) => {
  let isOver = false;
  const write = async (count: number): Promise<void> => {
    const annotations = { "example.com/seen": String(count) };
    try {
      await real.kube.client.patch(paths.node(name), "merge", { metadata: { annotations } });
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
    }
  };
  const work = async (): Promise<void> => {
    for (let count = 0; !isOver; count += 1) {
      const node = nodeNamed(real, name);
      if (node && stateOf(node) === "stopping") await write(count);
      await real.clock.sleep(PAUSE_MS);
    }
  };
  const done = work();
  return async () => {
    isOver = true;
    await done;
  };
};
