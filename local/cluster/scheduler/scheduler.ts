/**
 * A scheduler with the real one's meaning for node selection, taints, resources and ports: it binds pods, or says that none of
 * the nodes will do. Of several nodes it takes the one with the most CPU left (NodeResourcesLeastAllocated).
 */
import type { Clock } from "../../clock.ts";
import type { Store } from "../../kube/store.ts";
import { onChanges } from "../controllers/on-changes.ts";
import { isFinished, type NodeObject, type PodObject, setCondition } from "../objects.ts";
import { reasonAgainst } from "./filters.ts";
import { allocatable, used } from "./resources.ts";

/** From a change to the pass that answers it. */
const REACTION_MS = 20;

type ByNode = Map<string, PodObject[]>;

const leftCpu = (node: NodeObject, pods: readonly PodObject[]): number =>
  (allocatable(node).get("cpu") ?? 0) - (used(pods).get("cpu") ?? 0);

const explain = (reasons: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].toSorted().map(([reason, count]) => `${count} ${reason}`);
  return `0/${reasons.length} nodes are available: ${parts.join(", ") || "no nodes registered"}.`;
};

const queueOrder = (one: PodObject, other: PodObject): number =>
  (other.spec.priority ?? 0) - (one.spec.priority ?? 0) ||
  (one.metadata.creationTimestamp ?? "").localeCompare(other.metadata.creationTimestamp ?? "") ||
  Number(one.metadata.resourceVersion) - Number(other.metadata.resourceVersion);

const bind = (clock: Clock, store: Store, pod: PodObject, node: NodeObject) => {
  const { name, namespace } = pod.metadata;
  store.change<PodObject>("pods", name, namespace, (current) => {
    current.spec.nodeName = node.metadata.name;
    setCondition(current, { type: "PodScheduled", status: "True" }, clock.now());
  });
};

const refuse = (clock: Clock, store: Store, pod: PodObject, message: string) => {
  const { name, namespace } = pod.metadata;
  const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
  const change = (current: PodObject) => setCondition(current, condition, clock.now());
  store.change<PodObject>("pods", name, namespace, change, { status: true });
};

const isWaiting = ({ spec, metadata, status }: PodObject): boolean =>
  !spec.nodeName && !metadata.deletionTimestamp && status.phase === "Pending" && !spec.schedulingGates?.length;

const place = (clock: Clock, store: Store, pod: PodObject, nodes: readonly NodeObject[], bound: ByNode) => {
  const onNode = (node: NodeObject) => bound.get(node.metadata.name) ?? [];
  const verdicts = nodes.map((node) => ({ node, reason: reasonAgainst(pod, node, onNode(node)) }));
  const fitting = verdicts.filter(({ reason }) => reason === undefined).map(({ node }) => node);
  const [best] = fitting.toSorted((one, other) => leftCpu(other, onNode(other)) - leftCpu(one, onNode(one)));
  if (!best) return refuse(clock, store, pod, explain(verdicts.map(({ reason = "" }) => reason)));
  bind(clock, store, pod, best);
  bound.set(best.metadata.name, [...onNode(best), pod]);
};

export const startScheduler = (clock: Clock, store: Store): (() => void) =>
  onChanges(clock, store, ["pods", "nodes"], REACTION_MS, () => {
    const pods = store.list<PodObject>("pods");
    const waiting = pods.filter(isWaiting);
    if (waiting.length === 0) return;
    const living = pods.filter((pod) => pod.spec.nodeName && !isFinished(pod));
    const bound: ByNode = Map.groupBy(living, ({ spec }) => spec.nodeName ?? "");
    const nodes = store.list<NodeObject>("nodes");
    for (const pod of waiting.toSorted(queueOrder)) place(clock, store, pod, nodes, bound);
  });
