/**
 * The node lifecycle controller: a kubelet that falls silent makes its node NotReady, taints say so, NoExecute taints evict, and
 * pods of nodes that are gone are removed. Source: kubernetes/pkg/controller/nodelifecycle, tainteviction, podgc.
 */
import type { Clock } from "../../clock.ts";
import type { Machines } from "../../ec2/machines.ts";
import type { Store } from "../../kube/store.ts";
import {
  conditionOf,
  instanceIdOf,
  isReady,
  type NodeObject,
  type PodObject,
  rfc3339,
  setCondition,
  type Taint,
  tolerates,
} from "../objects.ts";

/** Kubelet's leases are looked at every 5 s and may be 40 s old. */
const GRACE_MS = 40_000;
const PERIOD_MS = 5_000;

const CONDITION_TAINTS = [
  { key: "node.kubernetes.io/not-ready", when: "False" },
  { key: "node.kubernetes.io/unreachable", when: "Unknown" },
] as const;

const EFFECTS = ["NoSchedule", "NoExecute"] as const;
const CORDON: Taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

const isOurs = ({ key }: Taint) => key === CORDON.key || CONDITION_TAINTS.some((taint) => taint.key === key);

/** The taints that its conditions and its cordon call for; those that are there keep the time they were added. */
const wantedTaints = (node: NodeObject, now: number): Taint[] => {
  const status = conditionOf(node, "Ready")?.status ?? "Unknown";
  const keys = CONDITION_TAINTS.filter(({ when }) => when === status).map(({ key }) => key);
  const wanted = keys.flatMap((key) => EFFECTS.map((effect) => ({ key, effect, timeAdded: rfc3339(now) })));
  const taints = node.spec.taints ?? [];
  return [...wanted, ...(node.spec.unschedulable ? [{ ...CORDON, timeAdded: rfc3339(now) }] : [])].map(
    (taint) => taints.find(({ key, effect }) => key === taint.key && effect === taint.effect) ?? taint,
  );
};

export const startNodeLifecycle = (clock: Clock, store: Store, machines: Machines): (() => void) => {
  const silentSince = new Map<string, number>();
  let stopped = false;

  const poweredOn = () =>
    new Set(machines.list().flatMap(({ instanceId, state }) => (state === "running" ? [instanceId] : [])));

  const watchSilence = (node: NodeObject, on: ReadonlySet<string>) => {
    const { name } = node.metadata;
    // Leases are not written: a kubelet whose instance has power is heard of.
    if (on.has(instanceIdOf(node) ?? "")) return void silentSince.delete(name);
    const since = silentSince.get(name) ?? clock.now();
    silentSince.set(name, since);
    if (clock.now() - since < GRACE_MS || conditionOf(node, "Ready")?.status === "Unknown") return;
    const condition = {
      type: "Ready",
      status: "Unknown",
      reason: "NodeStatusUnknown",
      message: "Kubelet stopped posting node status.",
    };
    store.change<NodeObject>("nodes", name, undefined, (current) => setCondition(current, condition, clock.now()), {
      status: true,
    });
  };

  const taint = (name: string) =>
    store.change<NodeObject>("nodes", name, undefined, (node) => {
      const wanted = wantedTaints(node, clock.now());
      const others = (node.spec.taints ?? []).filter((candidate) => !isOurs(candidate));
      const next = [...others, ...wanted];
      if (next.length === 0) delete node.spec.taints;
      else node.spec.taints = next;
    });

  const evict = (pod: PodObject) => {
    const { name, namespace, uid } = pod.metadata;
    if (store.get("pods", name, namespace)?.metadata.uid === uid) store.remove("pods", name, namespace);
  };

  /** A tolerated taint is borne for `tolerationSeconds` at most. */
  const evictUntolerating = (node: NodeObject) => {
    const taints = (node.spec.taints ?? []).filter(({ effect }) => effect === "NoExecute");
    if (taints.length === 0) return;
    for (const pod of store.list<PodObject>("pods")) {
      if (pod.spec.nodeName !== node.metadata.name || pod.metadata.deletionTimestamp) continue;
      const verdicts = taints.map((candidate) => {
        const toleration = tolerates(pod.spec.tolerations, candidate);
        if (!toleration) return 0;
        if (toleration.tolerationSeconds === undefined) return Number.POSITIVE_INFINITY;
        return (Date.parse(candidate.timeAdded ?? "") || clock.now()) + toleration.tolerationSeconds * 1000;
      });
      if (Math.min(...verdicts) <= clock.now()) evict(pod);
    }
  };

  const collectPods = () => {
    for (const pod of store.list<PodObject>("pods")) {
      const { nodeName } = pod.spec;
      if (!nodeName || store.get("nodes", nodeName)) continue;
      store.remove("pods", pod.metadata.name, pod.metadata.namespace, { gracePeriodSeconds: 0 });
    }
  };

  const pass = () => {
    if (stopped) return;
    const on = poweredOn();
    for (const node of store.list<NodeObject>("nodes")) watchSilence(node, on);
    for (const { metadata } of store.list("nodes")) {
      const node = taint(metadata.name);
      if (node) evictUntolerating(node);
    }
    collectPods();
    clock.after(PERIOD_MS, pass);
  };

  // Cordon and Ready taints follow at once; only silence has to be waited for.
  const unsubscribe = store.subscribe("nodes", ({ type, object }) => {
    if (type === "DELETED") return;
    const node = taint(object.metadata.name);
    if (node && !isReady(node)) evictUntolerating(node);
  });
  pass();
  return () => {
    stopped = true;
    unsubscribe();
  };
};
