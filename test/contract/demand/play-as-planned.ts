/**
 * Whether a plan holds: the pods that nodes are started for come to the real scheduler in the plan's order, each with the advice where
 * the plan wants it. It takes the advice if none of its own rules stands against it (status.nominatedNodeName, KEP-5278), and places
 * the pod by its own preferences if one does.
 */
import type { DemandPlan } from "../../../shared/demand/plan.ts";
import { paths } from "../../../shared/kube/paths.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { isDaemonSetPod, podName } from "../../../shared/model/kubernetes/pods.ts";
import { createPod, isBound, planFor, read, setUp, wakeUp } from "./cluster.ts";
import type { Scenario } from "./scenario.ts";
import type { SchedulerStage } from "./scheduler-stage.ts";

export interface PlannedOutcome {
  /** Pods that a start was meant for and that found no place all the same, with what the scheduler said. */
  readonly stranded: readonly string[];
  /** Started nodes that no pod went to. */
  readonly empty: readonly string[];
}

/** The node that each pod of the plan is meant for. */
const nodesOf = (plan: DemandPlan | undefined): ReadonlyMap<string, string> =>
  new Map(
    (plan?.starts ?? []).flatMap(({ records, pods }) =>
      records.flatMap(({ nodeName = "" }, index) =>
        (pods[index] ?? []).map((pod): [string, string] => [podName(pod), nodeName]),
      ),
    ),
  );

/** The pod, held back until it is let go. */
const hold = ({ metadata, spec }: KubePod): KubePod => ({
  metadata,
  spec: { ...spec, ...{ schedulingGates: [{ name: "example.com/plan" }] } },
});

const pathOf = ({ metadata: { namespace = "", name } }: KubePod) => paths.pod(namespace, name);

/** They come in this order, however long the scheduler takes for each. */
const sendOneByOne = async (stage: SchedulerStage, pods: readonly KubePod[], nodes: ReadonlyMap<string, string>) => {
  const { kube } = stage;
  await Promise.all(
    pods.map(async (pod) => {
      await createPod(stage, hold(pod));
      const nominatedNodeName = nodes.get(podName(pod));
      await kube.patch(`${pathOf(pod)}/status`, "merge", { status: { nominatedNodeName } });
    }),
  );
  for (const pod of pods) await kube.patch(pathOf(pod), "merge", { spec: { schedulingGates: null } });
};

const verdict = (pod: KubePod): string =>
  `${podName(pod)}: ${pod.status?.conditions?.find(({ type }) => type === "PodScheduled")?.message}`;

export const playAsPlanned = async (stage: SchedulerStage, scenario: Scenario): Promise<PlannedOutcome> => {
  await setUp(stage, scenario);
  const before = await read(stage);
  const plan = await planFor(stage, scenario);
  const nodes = nodesOf(plan);
  const started = new Set(nodes.values());
  const waiting = before.pods.filter((pod) => !isBound(pod));
  await Promise.all(waiting.map((pod) => stage.kube.delete(pathOf(pod), { gracePeriodSeconds: 0 })));
  await wakeUp(
    stage,
    scenario,
    before.nodes.filter(({ metadata }) => started.has(metadata.name)),
  );
  // As they were written: what the API server made of them, it would not take again.
  const written = new Map(scenario.pending.map((pod) => [podName(pod), pod]));
  const placed = plan?.placed.flatMap((pod) => written.get(podName(pod)) ?? []) ?? [];
  await sendOneByOne(stage, placed, nodes);
  await stage.settle();
  const after = await read(stage);
  const used = new Set(after.pods.filter((pod) => !isDaemonSetPod(pod)).map(({ spec }) => spec.nodeName));

  return {
    stranded: after.pods.filter((pod) => !isBound(pod)).map(verdict),
    empty: [...started].filter((name) => !used.has(name)),
  };
};
