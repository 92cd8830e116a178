/** Measures, on the embedded cluster, how long pods waited and whose share of it that was. */
import type { Clock } from "../clock.ts";
import type { ObjectView } from "../environment/cluster-side.ts";
import type { KubeObject } from "../kubernetes/api-server/store.ts";

/** Times in ms of the embedded clock. */
export interface PodTimes {
  readonly pod: string;
  node: string | undefined;
  unschedulableAt: number | undefined;
  runningAt: number | undefined;
}

interface NodeTimes {
  networkReadyAt: number | undefined;
  openedAt: number | undefined;
}

export interface Waiting {
  readonly pod: string;
  readonly node: string;
  readonly totalMs: number;
  /** From the scheduler's verdict to the start call, and from network ready to the last startup taint gone. */
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

const keepsPodsAway = (taint: { key: string }) =>
  taint.key.includes("not-ready") || taint.key.startsWith("stratos.sh/");

export interface Stopwatch {
  /** Pods that were unschedulable and now run, in the order in which they came to run. `startedAt`: when the instances' start was called. */
  waits(startedAt: number): readonly Waiting[];
  stop(): void;
}

export const startStopwatch = (clock: Clock, store: ObjectView): Stopwatch => {
  const pods = new Map<string, PodTimes>();
  const nodes = new Map<string, NodeTimes>();
  /** When each node's network was last reported before it started: that report outlives the stop and says nothing of the start. */
  const stale = new Map<string, string | undefined>();

  const seePod = (pod: PodObject) => {
    const { name } = pod.metadata;
    const times = pods.get(name) ?? { pod: name, node: undefined, unschedulableAt: undefined, runningAt: undefined };
    pods.set(name, times);
    if (condition(pod, "PodScheduled")?.reason === "Unschedulable") times.unschedulableAt ??= clock.now();
    if (pod.status?.phase === "Running") times.runningAt ??= clock.now();
    times.node = pod.spec?.nodeName;
  };

  const seeNode = (node: NodeObject) => {
    const { name } = node.metadata;
    const ready = condition(node, "Ready")?.status === "True";
    const network = condition(node, "NetworkingReady");
    if (!ready) {
      stale.set(name, network?.lastTransitionTime);
      nodes.delete(name);
      return;
    }
    const times = nodes.get(name) ?? { networkReadyAt: undefined, openedAt: undefined };
    nodes.set(name, times);
    const fresh = network?.status === "True" && network.lastTransitionTime !== stale.get(name);
    if (fresh) times.networkReadyAt ??= clock.now();
    if (!node.spec?.taints?.some(keepsPodsAway)) times.openedAt ??= clock.now();
  };

  const stops = [
    store.subscribe("pods", ({ object }) => seePod(object)),
    store.subscribe("nodes", ({ object }) => seeNode(object)),
  ];

  const wait = (times: PodTimes, startedAt: number): Waiting[] => {
    const { pod, node, unschedulableAt, runningAt } = times;
    if (node === undefined || unschedulableAt === undefined || runningAt === undefined) return [];
    const { networkReadyAt = 0, openedAt = 0 } = nodes.get(node) ?? {};
    const deciding = Math.max(0, startedAt - unschedulableAt);
    const opening = Math.max(0, openedAt - networkReadyAt);
    return [{ pod, node, totalMs: runningAt - unschedulableAt, oursMs: deciding + opening }];
  };

  return {
    waits: (startedAt) => [...pods.values()].flatMap((times) => wait(times, startedAt)),
    stop: () => {
      for (const stop of stops) stop();
    },
  };
};
