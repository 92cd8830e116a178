/**
 * Runs plans while the scheduler places pods freely. It spreads pods where a plan fills nodes, so some pods may remain pending, and the next
 * plan starts more nodes for them.
 */
import type { KubeNode } from "../../../shared/model/kubernetes/objects.ts";
import { podName } from "../../../shared/model/kubernetes/pods.ts";
import { LABEL } from "../../../shared/model/names.ts";
import { isBound, isStandby, planFor, read, setUp, startNodes } from "./cluster.ts";
import type { Scenario } from "./scenario.ts";
import type { SchedulerStage } from "./scheduler-stage.ts";

export interface FreePlayOutcome {
  /** How many nodes each plan started. */
  readonly starts: readonly number[];
  /** Pods that stayed pending although they fit on a standby node. */
  readonly missed: readonly string[];
}

/** Not if it is of a paused pool. */
const canStart = ({ pools }: Scenario) => {
  const paused = new Set(pools.filter(({ spec }) => spec.paused).map(({ metadata }) => metadata.name));
  return ({ metadata }: KubeNode): boolean => !paused.has(metadata.labels?.[LABEL.pool] ?? "");
};

/** Every plan but the last starts at least one node, and there are at most eighteen. */
const MAX_PLANS = 20;

/** Repeats until a plan starts nothing. Then starts all remaining standby nodes to find the pods that would have fit on them. */
export const playFreely = async (stage: SchedulerStage, scenario: Scenario): Promise<FreePlayOutcome> => {
  await setUp(stage, scenario);
  const starts: number[] = [];
  for (let plans = 0; plans < MAX_PLANS; plans += 1) {
    const cluster = await read(stage);
    const plan = await planFor(stage, scenario);
    const chosen = new Set(plan?.starts.flatMap(({ records }) => records.map(({ nodeName }) => nodeName)));
    if (chosen.size === 0) break;
    starts.push(chosen.size);
    await startNodes(
      stage,
      scenario,
      cluster.nodes.filter(({ metadata }) => chosen.has(metadata.name)),
    );
    await stage.settle();
  }
  const end = await read(stage);
  const waiting = new Set(end.pods.filter((pod) => !isBound(pod)).map(podName));
  await startNodes(stage, scenario, end.nodes.filter(isStandby).filter(canStart(scenario)));
  await stage.settle();
  const { pods } = await read(stage);
  return { starts, missed: pods.filter((pod) => isBound(pod) && waiting.has(podName(pod))).map(podName) };
};
