/** An overview of the pool's instances: each one's state in EC2 and in the cluster. */
import type { Machines } from "../aws/ec2/machines.ts";
import type { ObjectView } from "../environment/cluster-side.ts";
import type { KubeObject } from "../kubernetes/api-server/store.ts";

interface NodeObject extends KubeObject {
  spec?: { providerID?: string; unschedulable?: boolean };
  status?: { conditions?: { type: string; status: string }[] };
}

interface PodObject extends KubeObject {
  spec?: { nodeName?: string };
  status?: { phase?: string };
}

const MARKS: Readonly<Record<string, string>> = { warmup: "◐", standby: "○", running: "●", stopping: "◑" };

const row = (cells: readonly string[]): string =>
  cells.map((cell, index) => cell.padEnd([2, 21, 9, 14, 30, 9][index] ?? 0)).join(" ");

const readiness = (node: NodeObject | undefined): string => {
  if (!node) return "-";
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
  return `${ready ? "Ready" : "NotReady"}${node.spec?.unschedulable ? ",cordoned" : ""}`;
};

export const poolPanel = (machines: Machines, store: ObjectView): readonly string[] => {
  const nodes = new Map(
    store.list<NodeObject>("nodes").map((node) => [node.spec?.providerID?.split("/").at(-1), node]),
  );
  const pods = store.list<PodObject>("pods");
  const rows = machines
    .list()
    .filter(({ state }) => state !== "terminated")
    .map(({ instanceId, state }) => {
      const node = nodes.get(instanceId);
      const stratosState = node?.metadata.labels?.["stratos.sh/state"] ?? "-";
      const count = pods.filter(({ spec }) => node && spec?.nodeName === node.metadata.name).length;
      return row([MARKS[stratosState] ?? " ", instanceId, stratosState, state, readiness(node), `${count} pods`]);
    });
  const pending = pods.filter(({ status }) => status?.phase === "Pending").length;
  return [row(["", "INSTANCE", "STATE", "EC2", "NODE", ""]), ...rows, `${pending} pods pending`];
};
