import { fileURLToPath } from "node:url";
import { startStopwatch, type Waiting } from "../../../local/demo/stopwatch.ts";
import { runningPods, until } from "../reading.ts";
import type { Real } from "../stage.ts";

const BURST = fileURLToPath(new URL("../../../examples/burst", import.meta.url));
const PODS = 4;

export interface Burst {
  readonly waits: readonly Waiting[];
  /** The number of instances in each StartInstances call for the burst. */
  readonly starts: readonly number[];
  /** The nodes that its pods run on. */
  readonly nodes: readonly string[];
}

/** Applies the example burst and waits until all of its pods run. */
export const serveBurst = async (real: Real): Promise<Burst> => {
  const stopwatch = startStopwatch(real.clock, real.kube.store);
  try {
    const before = real.ec2.calls().length;
    await real.kube.kubectl(["apply", "-f", BURST]);
    await until(real, "every pod of the burst runs", () => runningPods(real, "burst").length === PODS, 60_000);
    const calls = real.ec2.calls().slice(before);
    const starts = calls.filter(({ action, error }) => action === "StartInstances" && error === undefined);
    return {
      waits: stopwatch.waits(starts[0]?.at ?? 0),
      starts: starts.map(({ ids }) => ids.length),
      nodes: [...new Set(runningPods(real, "burst").flatMap(({ spec }) => spec.nodeName ?? []))],
    };
  } finally {
    stopwatch.stop();
  }
};
