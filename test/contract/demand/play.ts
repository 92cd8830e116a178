/** Plans for a cluster until nothing more is started, with what is to be checked on the way. */
import type { DemandPlan } from "../../../shared/demand/plan.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { podName } from "../../../shared/model/kubernetes/pods.ts";
import type { Cluster } from "./cluster.ts";
import type { PlannedMachine } from "./fleet.ts";

export interface Outcome {
  /** For each plan, whether each of its nodes is launched or started. */
  readonly nodes: readonly (readonly ("launched" | "started")[])[];
  /** What looks start although an earlier one has decided for these pods, or knew that no node can run them. */
  readonly startedAgain: readonly string[];
  /** Pods that a node was started for and that are still unschedulable, with the scheduler's message. */
  readonly stranded: readonly string[];
  /** Started nodes without a pod. */
  readonly empty: readonly string[];
  /** Pods that stayed pending although they fit on a node that could have been started or launched. */
  readonly missed: readonly string[];
}

export const isWaiting = ({ spec }: KubePod): boolean => spec.nodeName === undefined;

export const nodesOf = ({ plan }: Decision): Outcome["nodes"][number] => [
  ...(plan?.starts ?? []).flatMap(({ records }) => records.map(() => "started" as const)),
  ...(plan?.launches ?? []).flatMap(({ pods }) => pods.map(() => "launched" as const)),
];

export const describeStarts = (plan: DemandPlan | undefined): readonly string[] =>
  [...(plan?.starts ?? []), ...(plan?.launches ?? [])].flatMap(({ pool, pods }) =>
    pods.map((own) => `${pool} for ${own.map(podName).join(", ")}`),
  );

export interface Decision {
  readonly plan: DemandPlan | undefined;
  readonly planned: readonly PlannedMachine[];
  readonly startedAgain: readonly string[];
}

/** Plans, and looks again before any of the nodes is up. */
export const decide = async (cluster: Cluster): Promise<Decision> => {
  const plan = await cluster.plan();
  const planned = cluster.fleet.decide(plan);
  const startedAgain = planned.length > 0 ? describeStarts(await cluster.plan()) : [];
  return { plan, planned, startedAgain };
};

/** Every plan but the last starts at least one node, and there are at most thirty. */
const MAX_PLANS = 32;

/**
 * Repeats until a plan starts nothing, while the scheduler places pods as it likes. It spreads pods where a plan fills nodes, so some pods may remain
 * pending, and the next plan starts more nodes for them.
 */
export const planRepeatedly = async (cluster: Cluster): Promise<readonly Decision[]> => {
  const decisions: Decision[] = [];
  while (decisions.length < MAX_PLANS) {
    const decision = await decide(cluster);
    if (decision.planned.length === 0) break;
    decisions.push(decision);
    await cluster.open(decision.planned.map(({ machine }) => machine));
    await cluster.settle();
  }
  return decisions;
};

/** Opens whatever has not been started, to find the pods that would have fit there. */
export const findMissed = async (cluster: Cluster): Promise<readonly string[]> => {
  const before = await cluster.pods();
  const waiting = new Set(before.filter(isWaiting).map(podName));
  if (waiting.size === 0) return [];
  await cluster.open(cluster.fleet.unused());
  await cluster.settle();
  const after = await cluster.pods();
  // A pod that others were preempted for may not have needed another node.
  if (after.length < before.length) return [];
  return after.filter((pod) => !isWaiting(pod) && waiting.has(podName(pod))).map(podName);
};

/** The scheduler places the pods as it likes. */
export const playFreely = async (cluster: Cluster): Promise<Outcome> => {
  await cluster.setUp();
  const decisions = await planRepeatedly(cluster);
  return {
    nodes: decisions.map(nodesOf),
    startedAgain: decisions.flatMap(({ startedAgain }) => startedAgain),
    stranded: [],
    empty: [],
    missed: await findMissed(cluster),
  };
};
