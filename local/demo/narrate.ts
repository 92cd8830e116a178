/** Tells what happens on the embedded cloud and cluster as it happens, from the outside: it only listens. */
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

/** Says each thing once, however often the object changes. */
const once = (say: (line: string) => void) => {
  const said = new Set<string>();
  return (key: string, line: string) => {
    if (said.has(key)) return;
    said.add(key);
    say(line);
  };
};

export const narrate = (machines: Machines, store: ObjectView, say: (line: string) => void): (() => void) => {
  const tell = once(say);
  const states = new Map<string, string>();

  const seeNode = (node: NodeObject, deleted: boolean) => {
    const { name } = node.metadata;
    const state = node.metadata.labels?.["stratos.sh/state"];
    const ready = node.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
    const now = deleted ? "deleted" : `${ready ? "Ready" : "NotReady"}${state ? `, ${state}` : ""}`;
    if (states.get(name) === now) return;
    states.set(name, now);
    say(`node ${name}: ${now}`);
  };

  const seePod = (pod: PodObject) => {
    const { name } = pod.metadata;
    const waiting = pod.status?.conditions?.some(({ reason }) => reason === "Unschedulable");
    if (waiting && !pod.spec?.nodeName) tell(`${name} waits`, `pod ${name}: pending, no node has room for it`);
    if (pod.status?.phase === "Running") tell(`${name} runs`, `pod ${name}: running on ${pod.spec?.nodeName}`);
  };

  const stops = [
    machines.subscribe(({ machine, state }) => say(`instance ${machine.instanceId} (${machine.zone}): ${state}`)),
    store.subscribe("nodes", ({ object, type }) => seeNode(object, type === "DELETED")),
    store.subscribe("pods", ({ object, type }) => (type === "DELETED" ? undefined : seePod(object))),
    store.subscribe("events", ({ object, type }) => {
      const { involvedObject, reason, message }: EventObject = object;
      if (type === "DELETED" || involvedObject?.kind !== "NodePool") return;
      tell(object.metadata.name, `pool ${involvedObject.name}: ${reason}: ${message}`);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
};
