/** Reports what happens in the simulated cloud and cluster as it happens; it only watches and changes nothing. */
import type { Machines } from "../aws/ec2/machines.ts";
import type { ObjectView } from "../environment/cluster-side.ts";
import type { KubeObject } from "../kubernetes/api-server/store.ts";

interface EventObject extends KubeObject {
  involvedObject?: { kind?: string; name?: string };
  reason?: string;
  message?: string;
}

interface PodObject extends KubeObject {
  spec?: { nodeName?: string };
  status?: { phase?: string; conditions?: { type: string; reason?: string }[] };
}

interface NodeObject extends KubeObject {
  status?: { conditions?: { type: string; status: string }[] };
}

/** Reports each key once, however often the object changes. */
const oncePerKey = (say: (line: string) => void) => {
  const reported = new Set<string>();
  return (key: string, line: string) => {
    if (reported.has(key)) return;
    reported.add(key);
    say(line);
  };
};

export const narrate = (machines: Machines, store: ObjectView, say: (line: string) => void): (() => void) => {
  const reportOnce = oncePerKey(say);
  const summaries = new Map<string, string>();

  const onNode = (node: NodeObject, deleted: boolean) => {
    const { name } = node.metadata;
    const state = node.metadata.labels?.["stratos.sh/state"];
    const ready = node.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
    const summary = deleted ? "deleted" : `${ready ? "Ready" : "NotReady"}${state ? `, ${state}` : ""}`;
    if (summaries.get(name) === summary) return;
    summaries.set(name, summary);
    say(`node ${name}: ${summary}`);
  };

  const onPod = (pod: PodObject) => {
    const { name } = pod.metadata;
    const unschedulable = pod.status?.conditions?.some(({ reason }) => reason === "Unschedulable");
    if (unschedulable && !pod.spec?.nodeName)
      reportOnce(`${name} pending`, `pod ${name}: pending, no node has room for it`);
    if (pod.status?.phase === "Running") reportOnce(`${name} running`, `pod ${name}: running on ${pod.spec?.nodeName}`);
  };

  const stops = [
    machines.subscribe(({ machine, state }) => say(`instance ${machine.instanceId} (${machine.zone}): ${state}`)),
    store.subscribe("nodes", ({ object, type }) => onNode(object, type === "DELETED")),
    store.subscribe("pods", ({ object, type }) => (type === "DELETED" ? undefined : onPod(object))),
    store.subscribe("events", ({ object, type }) => {
      const { involvedObject, reason, message }: EventObject = object;
      if (type === "DELETED" || involvedObject?.kind !== "NodePool") return;
      reportOnce(object.metadata.name, `pool ${involvedObject.name}: ${reason}: ${message}`);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
};
