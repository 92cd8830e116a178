import type { Store } from "../../../kube/store.ts";
import type { NodeObject, PodObject, PodSpec } from "../../objects.ts";
import { selectsNode, untolerated } from "../../scheduler/filters.ts";
import { livingPods, newPod, replicaCounts, setStatus, type Workload } from "./owned-pods.ts";

const tolerate = (effect: string) => (name: string) => ({
  key: `node.kubernetes.io/${name}`,
  operator: "Exists",
  effect,
});

/** Put on every DaemonSet pod. Source: kubernetes/pkg/controller/daemon/util, AddOrUpdateDaemonPodTolerations. */
const TOLERATIONS = [
  ...["not-ready", "unreachable"].map(tolerate("NoExecute")),
  ...["disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"].map(tolerate("NoSchedule")),
];

const specFor = (set: Workload, node: NodeObject): PodSpec => {
  const spec = structuredClone(set.spec.template.spec);
  const term = { matchFields: [{ key: "metadata.name", operator: "In", values: [node.metadata.name] }] };
  return {
    ...spec,
    tolerations: [...(spec.tolerations ?? []), ...TOLERATIONS],
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } },
  };
};

const nodeOf = ({ spec }: PodObject): string | undefined =>
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]?.matchFields?.[0]
    ?.values?.[0];

const belongsOn = (set: Workload, node: NodeObject): boolean => {
  const pod = newPod(set, { ...specFor(set, node), affinity: set.spec.template.spec.affinity });
  return selectsNode(pod, node) && !untolerated(pod, node);
};

/** One pod for each node that its template selects and tolerates. */
export const syncDaemonSet = (store: Store, set: Workload): void => {
  if (set.metadata.deletionTimestamp) return;
  const pods = livingPods(store, set);
  const covered = new Set(pods.map(nodeOf));
  const wanted = store.list<NodeObject>("nodes").filter((node) => belongsOn(set, node));
  for (const node of wanted) {
    if (!covered.has(node.metadata.name)) store.create("pods", newPod(set, specFor(set, node)));
  }
  const { readyReplicas } = replicaCounts(pods);
  setStatus(store, "daemonsets.apps", set, {
    desiredNumberScheduled: wanted.length,
    currentNumberScheduled: pods.length,
    updatedNumberScheduled: pods.length,
    numberReady: readyReplicas,
    numberAvailable: readyReplicas,
  });
};
