/**
 * Checks that a plan is feasible: the pods for which nodes are started reach the real scheduler in the plan's order, each nominated for its
 * planned node. The scheduler uses the nominated node if none of its rules forbids it (status.nominatedNodeName, KEP-5278), and otherwise
 * places the pod by its own preferences.
 */
import type { DemandPlan } from "../../../shared/demand/plan.ts";
import { paths } from "../../../shared/kube/paths.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { isDaemonSetPod, podName } from "../../../shared/model/kubernetes/pods.ts";
import { createPod, isBound, planFor, read, setUp, startNodes } from "./cluster.ts";
import type { Scenario } from "./scenario.ts";
import type { SchedulerStage } from "./scheduler-stage.ts";

export interface PlannedOutcome {
  /** Pods that a node was started for and that are still unschedulable, with the scheduler's message. */
  readonly stranded: readonly string[];
  /** Started nodes without a pod. */
  readonly empty: readonly string[];
}

/** The planned node of each pod. */
const nodesOf = (plan: DemandPlan | undefined): ReadonlyMap<string, string> =>
  new Map(
    (plan?.starts ?? []).flatMap(({ records, pods }) =>
      records.flatMap(({ nodeName = "" }, index) =>
        (pods[index] ?? []).map((pod): [string, string] => [podName(pod), nodeName]),
      ),
    ),
  );

/** The pod with a scheduling gate. */
const gated = ({ metadata, spec }: KubePod): KubePod => ({
  metadata,
  spec: { ...spec, ...{ schedulingGates: [{ name: "example.com/plan" }] } },
});

const pathOf = ({ metadata: { namespace = "", name } }: KubePod) => paths.pod(namespace, name);

/** Releases the pods in this order, however long the scheduler takes for each. */
const sendOneByOne = async (stage: SchedulerStage, pods: readonly KubePod[], nodes: ReadonlyMap<string, string>) => {
  const { kube } = stage;
  await Promise.all(
    pods.map(async (pod) => {
      await createPod(stage, gated(pod));
      const nominatedNodeName = nodes.get(podName(pod));
      await kube.patch(`${pathOf(pod)}/status`, "merge", { status: { nominatedNodeName } });
    }),
  );
  for (const pod of pods) await kube.patch(pathOf(pod), "merge", { spec: { schedulingGates: null } });
};

const schedulerMessage = (pod: KubePod): string =>
  `${podName(pod)}: ${pod.status?.conditions?.find(({ type }) => type === "PodScheduled")?.message}`;

export const playAsPlanned = async (stage: SchedulerStage, scenario: Scenario): Promise<PlannedOutcome> => {
  await setUp(stage, scenario);
  const before = await read(stage);
  const plan = await planFor(stage, scenario);
  const nodes = nodesOf(plan);
  const started = new Set(nodes.values());
  const waiting = before.pods.filter((pod) => !isBound(pod));
  await Promise.all(waiting.map((pod) => stage.kube.delete(pathOf(pod), { gracePeriodSeconds: 0 })));
  await startNodes(
    stage,
    scenario,
    before.nodes.filter(({ metadata }) => started.has(metadata.name)),
  );
  // Recreated from the original objects: the API server would reject the ones it returned.
  const originals = new Map(scenario.pending.map((pod) => [podName(pod), pod]));
  const placed = plan?.placed.flatMap((pod) => originals.get(podName(pod)) ?? []) ?? [];
  await sendOneByOne(stage, placed, nodes);
  await stage.settle();
  const after = await read(stage);
  const used = new Set(after.pods.filter((pod) => !isDaemonSetPod(pod)).map(({ spec }) => spec.nodeName));

  return {
    stranded: after.pods.filter((pod) => !isBound(pod)).map(schedulerMessage),
    empty: [...started].filter((name) => !used.has(name)),
  };
};
