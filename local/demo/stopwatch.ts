/** Measures how long pods waited on the cluster, and how much of that time was due to Stratos. */
import type { Clock } from "../clock.ts";
import type { ObjectView } from "../environment/cluster-side.ts";
import type { KubeObject } from "../kubernetes/api-server/store.ts";
import { isNetworkDaemonSet } from "../kubernetes/network/network.ts";
import { controllerOf } from "../kubernetes/objects/objects.ts";

/** Times in ms of the clock. */
export interface PodTimes {
  readonly pod: string;
  node: string | undefined;
  unschedulableAt: number | undefined;
  runningAt: number | undefined;
}

interface NodeTimes {
  readonly readyAt: number;
  networkReportedAt: number | undefined;
  untaintedAt: number | undefined;
}

export interface Waiting {
  readonly pod: string;
  readonly node: string;
  readonly totalMs: number;
  /**
   * Stratos's share: from the scheduler's verdict to the StartInstances call, and from network ready (or, if nothing shows that, node Ready)
   * to the last startup taint's removal.
   */
  readonly oursMs: number;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly lastTransitionTime?: string;
}

interface NodeObject extends KubeObject {
  spec?: { taints?: { key: string }[] };
  status?: { conditions?: Condition[] };
}

interface PodObject extends KubeObject {
  spec?: { nodeName?: string };
  status?: { phase?: string; conditions?: Condition[] };
}

const condition = (object: NodeObject | PodObject, type: string) =>
  object.status?.conditions?.find((found) => found.type === type);

const isStartupTaint = (taint: { key: string }) =>
  taint.key.includes("not-ready") || taint.key.startsWith("stratos.sh/");

export interface Stopwatch {
  /** Returns the pods that were unschedulable and are now running. `startedAt` is the time of the StartInstances call. */
  waits(startedAt: number): readonly Waiting[];
  stop(): void;
}

export const startStopwatch = (clock: Clock, store: ObjectView): Stopwatch => {
  const pods = new Map<string, PodTimes>();
  const nodes = new Map<string, NodeTimes>();
  /** The time of each node's last network report while it was not ready: the report outlives a stop and does not apply to the next start. */
  const reportsBeforeStart = new Map<string, string | undefined>();
  /** When the network plugin's pod on a node became Ready, while it is. */
  const pluginReadyAt = new Map<string, number>();

  const onPod = (pod: PodObject) => {
    const { name } = pod.metadata;
    const times = pods.get(name) ?? { pod: name, node: undefined, unschedulableAt: undefined, runningAt: undefined };
    pods.set(name, times);
    if (condition(pod, "PodScheduled")?.reason === "Unschedulable") times.unschedulableAt ??= clock.now();
    if (pod.status?.phase === "Running") times.runningAt ??= clock.now();
    times.node = pod.spec?.nodeName;
    if (times.node !== undefined && isNetworkDaemonSet(controllerOf(pod)?.name)) onPlugin(times.node, pod);
  };

  const onPlugin = (node: string, pod: PodObject) => {
    if (condition(pod, "Ready")?.status !== "True") pluginReadyAt.delete(node);
    else if (!pluginReadyAt.has(node)) pluginReadyAt.set(node, clock.now());
  };

  const onNode = (node: NodeObject) => {
    const { name } = node.metadata;
    const ready = condition(node, "Ready")?.status === "True";
    const network = condition(node, "NetworkingReady");
    if (!ready) {
      reportsBeforeStart.set(name, network?.lastTransitionTime);
      nodes.delete(name);
      return;
    }
    const times = nodes.get(name) ?? { readyAt: clock.now(), networkReportedAt: undefined, untaintedAt: undefined };
    nodes.set(name, times);
    const reportedAfterStart =
      network?.status === "True" && network.lastTransitionTime !== reportsBeforeStart.get(name);
    if (reportedAfterStart) times.networkReportedAt ??= clock.now();
    if (!node.spec?.taints?.some(isStartupTaint)) times.untaintedAt ??= clock.now();
  };

  const stops = [
    store.subscribe("pods", ({ object }) => onPod(object)),
    store.subscribe("nodes", ({ object }) => onNode(object)),
  ];

  const wait = (times: PodTimes, startedAt: number): Waiting[] => {
    const { pod, node, unschedulableAt, runningAt } = times;
    if (node === undefined || unschedulableAt === undefined || runningAt === undefined) return [];
    const { readyAt = 0, networkReportedAt, untaintedAt = 0 } = nodes.get(node) ?? {};
    // A short stop can pass without a change of the plugin's pod, which then seems to be ready since before the start.
    const networkReadyAt = Math.max(readyAt, pluginReadyAt.get(node) ?? networkReportedAt ?? readyAt);
    const untilStartCallMs = Math.max(0, startedAt - unschedulableAt);
    const untilTaintsGoneMs = Math.max(0, untaintedAt - networkReadyAt);
    return [{ pod, node, totalMs: runningAt - unschedulableAt, oursMs: untilStartCallMs + untilTaintsGoneMs }];
  };

  return {
    waits: (startedAt) => [...pods.values()].flatMap((times) => wait(times, startedAt)),
    stop: () => {
      for (const stop of stops) stop();
    },
  };
};
