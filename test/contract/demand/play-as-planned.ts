/**
 * Checks that a plan is feasible: the pods for which nodes are started or launched reach the real scheduler in the plan's order, each nominated for
 * its planned node. The scheduler uses the nominated node if none of its rules forbids it (status.nominatedNodeName, KEP-5278), and otherwise
 * places the pod by its own preferences.
 */
import { paths } from "../../../shared/kube/paths.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { podName } from "../../../shared/model/kubernetes/pods.ts";
import type { Cluster } from "./cluster.ts";
import { decide, describeStarts, findMissed, isWaiting, nodesOf, type Outcome, planRepeatedly } from "./play.ts";

/** The pod with a scheduling gate. */
const gated = ({ metadata, spec }: KubePod): KubePod => ({
  metadata,
  spec: { ...spec, ...{ schedulingGates: [{ name: "example.com/plan" }] } },
});

const pathOf = ({ metadata: { namespace = "", name } }: KubePod) => paths.pod(namespace, name);

const create = ({ kube }: Cluster, pod: KubePod) => kube.create(paths.podsIn(pod.metadata.namespace ?? ""), pod);

/** Releases the pods in this order, however long the scheduler takes for each. */
const sendOneByOne = async (cluster: Cluster, pods: readonly KubePod[], nodes: ReadonlyMap<string, string>) => {
  const { kube } = cluster;
  await Promise.all(
    pods.map(async (pod) => {
      await create(cluster, gated(pod));
      const nominatedNodeName = nodes.get(podName(pod));
      await kube.patch(`${pathOf(pod)}/status`, "merge", { status: { nominatedNodeName } });
    }),
  );
  for (const pod of pods) await kube.patch(pathOf(pod), "merge", { spec: { schedulingGates: null } });
};

const schedulerMessage = (pod: KubePod): string =>
  `${podName(pod)}: ${pod.status?.conditions?.find(({ type }) => type === "PodScheduled")?.message}`;

export const playAsPlanned = async (cluster: Cluster): Promise<Outcome> => {
  await cluster.setUp();
  const decision = await decide(cluster);
  const { plan, planned, startedAgain } = decision;

  const waiting = (await cluster.pods()).filter(isWaiting);
  await Promise.all(waiting.map((pod) => cluster.kube.delete(pathOf(pod), { gracePeriodSeconds: 0 })));
  await cluster.open(planned.map(({ machine }) => machine));
  const nodes = new Map(
    planned.flatMap(({ machine, pods }) => pods.map((pod) => [podName(pod), machine.node.metadata.name] as const)),
  );
  const originals = (pods: readonly KubePod[]) => pods.flatMap((pod) => cluster.original(podName(pod)) ?? []);
  await sendOneByOne(cluster, originals(plan?.placed ?? []), nodes);
  await cluster.settle();
  const after = await cluster.pods();
  const used = new Set(after.map(({ spec }) => spec.nodeName));

  for (const pod of originals(waiting.filter((one) => !nodes.has(podName(one))))) await create(cluster, pod);
  await cluster.settle();
  const rest = await planRepeatedly(cluster);
  return {
    nodes: [decision, ...rest].map(nodesOf),
    startedAgain: [...startedAgain, ...rest.flatMap((later) => describeStarts(later.plan))],
    stranded: after.filter(isWaiting).map(schedulerMessage),
    empty: planned.map(({ machine }) => machine.node.metadata.name).filter((name) => !used.has(name)),
    missed: await findMissed(cluster),
  };
};
