/**
 * What comes of plans when the scheduler places pods as it likes: it spreads them where a plan fills nodes up, so that some may be left
 * over, for which the next plan starts more.
 */
import { podName } from "../../../shared/model/kubernetes/pods.ts";
import { isAsleep, isBound, planFor, read, setUp, wakeUp } from "./cluster.ts";
import type { Scenario } from "./scenario.ts";
import type { SchedulerStage } from "./scheduler-stage.ts";

export interface FreeOutcome {
  /** How many nodes each plan started. */
  readonly starts: readonly number[];
  /** Pods that wait although a node sleeps that could run them. */
  readonly missed: readonly string[];
}

/** Each but the last starts a node, of which there are no more than eighteen. */
const MAX_PLANS = 20;

/** Plans until nothing is to be started any more; then all that still sleeps is started, to see whom it would have helped. */
export const playFreely = async (stage: SchedulerStage, scenario: Scenario): Promise<FreeOutcome> => {
  await setUp(stage, scenario);
  const starts: number[] = [];
  for (let plans = 0; plans < MAX_PLANS; plans += 1) {
    const cluster = await read(stage);
    const plan = await planFor(stage, scenario);
    const chosen = new Set(plan?.starts.flatMap(({ records }) => records.map(({ nodeName }) => nodeName)));
    if (chosen.size === 0) break;
    starts.push(chosen.size);
    await wakeUp(
      stage,
      scenario,
      cluster.nodes.filter(({ metadata }) => chosen.has(metadata.name)),
    );
    await stage.settle();
  }
  const atRest = await read(stage);
  const waiting = new Set(atRest.pods.filter((pod) => !isBound(pod)).map(podName));
  await wakeUp(stage, scenario, atRest.nodes.filter(isAsleep));
  await stage.settle();
  const { pods } = await read(stage);
  return { starts, missed: pods.filter((pod) => isBound(pod) && waiting.has(podName(pod))).map(podName) };
};
