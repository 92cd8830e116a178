/** The scheduler's filters: why a pod cannot run on a node, in the words of the real one's messages. */
import { type NodeObject, type NodeSelectorTerm, type PodObject, type Taint, tolerates } from "../objects.ts";
import { allocatable, lacking, podRequests, used } from "./resources.ts";

const UNSCHEDULABLE: Taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

type Requirement = NonNullable<NodeSelectorTerm["matchExpressions"]>[number];

const satisfies = ({ operator, values = [] }: Requirement, value: string | undefined): boolean => {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "Lt":
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
};

const matchesTerm = ({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: NodeObject): boolean =>
  matchExpressions.length + matchFields.length > 0 &&
  matchExpressions.every((requirement) => satisfies(requirement, node.metadata.labels?.[requirement.key])) &&
  matchFields.every((requirement) => requirement.key === "metadata.name" && satisfies(requirement, node.metadata.name));

export const selectsNode = ({ spec }: PodObject, node: NodeObject): boolean => {
  const labels = node.metadata.labels ?? {};
  if (Object.entries(spec.nodeSelector ?? {}).some(([key, value]) => labels[key] !== value)) return false;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => matchesTerm(term, node));
};

export const untolerated = ({ spec }: PodObject, node: NodeObject): Taint | undefined =>
  node.spec.taints?.find(({ effect, ...taint }) => {
    if (effect === "PreferNoSchedule") return false;
    return !tolerates(spec.tolerations, { ...taint, effect });
  });

const hostPorts = ({ spec }: PodObject): string[] =>
  spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, protocol = "TCP" }) => (hostPort ? [`${protocol}/${hostPort}`] : [])),
  );

/** Undefined if the pod can run there, else the reason. `others` are the pods bound to the node. */
export const reasonAgainst = (pod: PodObject, node: NodeObject, others: readonly PodObject[]): string | undefined => {
  if (node.spec.unschedulable && !tolerates(pod.spec.tolerations, UNSCHEDULABLE)) return "node(s) were unschedulable";
  const taint = untolerated(pod, node);
  if (taint) return `node(s) had untolerated taint(s)`;
  if (!selectsNode(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  const wantedPorts = hostPorts(pod);
  const takenPorts = others.flatMap(hostPorts);
  if (wantedPorts.some((port) => takenPorts.includes(port))) {
    return "node(s) didn't have free ports for the requested pod ports";
  }
  const [lack] = lacking(podRequests(pod), allocatable(node), used(others));
  if (lack === "pods") return "Too many pods";
  return lack && `Insufficient ${lack}`;
};
